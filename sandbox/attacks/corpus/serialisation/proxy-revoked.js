// Returns a proxy that was revoked.
// expect: threw TypeError
const { proxy, revoke } = Proxy.revocable([], {});
revoke();
return proxy;
