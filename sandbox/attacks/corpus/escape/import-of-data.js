// Imports a module whose text is in its address.
// expect: returned "refused"
return import("data:text/javascript,export default 1").then(
  (module) => module.default,
  () => "refused",
);
