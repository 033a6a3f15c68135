"""The HTTP filters that WasmPlugins and TrafficExtensions put into the connection managers of a proxy."""
