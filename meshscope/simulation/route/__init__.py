"""Virtual host and route: which one a request gets, why the others lost, and what the route makes of it."""
