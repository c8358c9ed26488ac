// Revokes its output while it is written.
// expect: threw TypeError
const { proxy, revoke } = Proxy.revocable({ get a() { revoke(); return 1 }, b: 2 }, {});
return proxy;
