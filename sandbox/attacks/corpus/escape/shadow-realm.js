// Makes a realm of its own, which nobody has locked.
// expect: threw ReferenceError: ShadowRealm is not defined
return new ShadowRealm().evaluate("1");
