"use strict";
// A click on a node of a scope narrows the other layers to what it reaches and what reaches it, as the browser's Scope does.
// Positions and numbers come from the drawing; names only ever go from one text of the page to another.

function neighbours(references, from, to) {
  const found = new Map();
  for (let at = 0; at < references.length; at += 2) {
    const source = references[at + from];
    if (!found.has(source)) found.set(source, []);
    found.get(source).push(references[at + to]);
  }
  return found;
}

function spread(start, next, marks) {
  const waiting = [start], seen = new Set(waiting);
  while (waiting.length) {
    const at = waiting.pop();
    marks.add(at);
    for (const other of next.get(at) || []) if (!seen.has(other)) { seen.add(other); waiting.push(other); }
  }
}

function narrowing(scope, block) {
  const graph = JSON.parse(block.textContent);
  const svg = scope.querySelector(".drawing"), ground = scope.querySelector(".canvas");
  const status = scope.querySelector(".status"), detail = scope.querySelector(".detail");
  const heads = [...scope.querySelectorAll(".count")];
  const [forward, back] = [neighbours(graph.references, 0, 1), neighbours(graph.references, 1, 0)];
  const boxes = [...svg.querySelectorAll(".node")].map((element) => {
    const { n, c, y, h } = element.dataset;
    return { element, number: +n, column: +c, home: +y, top: +y, height: +h };
  });
  const byNumber = new Map(boxes.map((box) => [box.number, box]));
  const edges = [...svg.querySelectorAll(".edge")].map((element) => (
    { element, source: byNumber.get(+element.dataset.s), target: byNumber.get(+element.dataset.t) }));
  const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  const total = graph.counts.reduce((sum, count) => sum + count, 0);
  const rest = `${status.textContent} \u00b7 a click narrows`;
  const number = (value) => value.toLocaleString("en");
  let chosen = null;

  function counts(marks) {
    let first = 0;
    return graph.counts.map((count) => {
      let left = 0;
      for (const mark of marks) if (mark >= first && mark < first + count) left++;
      first += count;
      return left;
    });
  }

  function curve({ source, target }) {
    const x1 = graph.lefts[source.column] + graph.widths[source.column], y1 = source.top + source.height / 2;
    const x2 = graph.lefts[target.column], y2 = target.top + target.height / 2;
    return `M${x1} ${y1}C${x1 + graph.bend} ${y1} ${x2 - graph.bend} ${y2} ${x2} ${y2}`;
  }

  function place(column, marks) {  // around the chosen node, so that what belongs to it is beside it
    const shown = boxes.filter((box) => box.column === column && marks.has(box.number));
    const room = shown.reduce((sum, box) => sum + box.height + graph.between, -graph.between);
    let top = Math.max(0, chosen.home + chosen.height / 2 - room / 2);
    for (const box of shown) { box.top = top; top += box.height + graph.between; }
  }

  function draw(marks) {
    let end = height;
    for (const box of boxes) {
      const isKin = !marks || marks.has(box.number), isGone = !isKin && box.column !== chosen.column;
      box.element.classList.toggle("gone", isGone);
      box.element.classList.toggle("other", !isKin);
      box.element.classList.toggle("chosen", box === chosen);
      box.element.setAttribute("aria-pressed", box === chosen);
      box.element.setAttribute("transform", `translate(${graph.lefts[box.column]} ${box.top})`);
      if (!isGone) end = Math.max(end, box.top + box.height + 2);
    }
    for (const edge of edges) {
      const { element, source, target } = edge;
      element.classList.toggle("gone", Boolean(marks) && !(marks.has(source.number) && marks.has(target.number)));
      element.setAttribute("d", curve(edge));
    }
    svg.setAttribute("viewBox", `0 0 ${width} ${end}`);
    svg.classList.toggle("narrowed", Boolean(marks));
  }

  function choose(box) {
    chosen = box;
    for (const each of boxes) each.top = each.home;
    const marks = box && new Set();
    if (!box) {
      status.textContent = rest;
      detail.textContent = "";
      graph.counts.forEach((count, column) => { heads[column].textContent = number(count); });
    } else {
      spread(box.number, forward, marks);
      spread(box.number, back, marks);
      graph.counts.forEach((_, column) => { if (column !== box.column) place(column, marks); });
      counts(marks).forEach((left, column) => {
        const count = graph.counts[column];
        heads[column].textContent = column === box.column || left === count ? number(count) : `${number(left)}/${number(count)}`;
      });
      const hidden = [...marks].filter((mark) => !byNumber.has(mark)).length;
      status.textContent = `${number(marks.size)} of ${number(total)} \u00b7 narrowed by ${box.element.querySelector("desc").textContent}`
        + (hidden ? ` \u00b7 ${number(hidden)} of them not drawn` : "") + " \u00b7 esc releases";
      detail.textContent = box.element.querySelector("title").textContent;
    }
    draw(marks);
  }

  // --- keys: one stop of the tab key in a scope, arrows inside it ------------------------------------------------------

  const isThere = (box) => !box.element.classList.contains("gone");
  let stop = boxes[0];

  function go(box) {
    if (!box) return;
    stop.element.setAttribute("tabindex", "-1");
    stop = box;
    stop.element.setAttribute("tabindex", "0");
    stop.element.focus({ preventScroll: true });
    stop.element.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function within(step) {
    const layer = boxes.filter((box) => box.column === stop.column && isThere(box));
    go(layer[layer.indexOf(stop) + step]);
  }

  function across(step) {
    for (let column = stop.column + step; column >= 0 && column < graph.counts.length; column += step) {
      const layer = boxes.filter((box) => box.column === column && isThere(box));
      if (layer.length) {
        const far = (box) => Math.abs(box.top + box.height / 2 - stop.top - stop.height / 2);
        return go(layer.reduce((best, box) => (far(box) < far(best) ? box : best)));
      }
    }
  }

  const keys = {
    ArrowDown: () => within(1), ArrowUp: () => within(-1), ArrowLeft: () => across(-1), ArrowRight: () => across(1),
    j: () => within(1), k: () => within(-1), h: () => across(-1), l: () => across(1),
    Enter: () => choose(stop === chosen ? null : stop), " ": () => choose(stop === chosen ? null : stop),
  };
  svg.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  ground.addEventListener("click", (event) => {
    const element = event.target.closest(".node");
    const box = element && boxes.find((each) => each.element === element);
    if (box) go(box);
    if (box || chosen) choose(box === chosen ? null : box);
  });
  for (const box of boxes) {
    box.element.setAttribute("role", "button");
    box.element.setAttribute("tabindex", box === stop ? "0" : "-1");
  }
  svg.classList.add("live");
  choose(null);
  return () => { if (chosen) choose(null); };
}

const releases = [];
for (const scope of document.querySelectorAll(".scope")) {
  const block = scope.querySelector(".graph");
  if (block && scope.querySelector(".node")) releases.push(narrowing(scope, block));
}
document.addEventListener("keydown", (event) => { if (event.key === "Escape") releases.forEach((release) => release()); });
window.addEventListener("beforeprint", () => {
  for (const scope of document.querySelectorAll("details.scope")) scope.open = true;
});
