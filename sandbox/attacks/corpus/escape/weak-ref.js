// Watches the garbage collector through a weak reference.
// expect: threw ReferenceError: WeakRef is not defined
return new WeakRef({}).deref();
