"""Whether what people wrote is in effect: rules of Istio's objects against what each proxy really has, and why not."""
