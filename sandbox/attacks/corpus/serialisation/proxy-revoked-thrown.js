// Throws a proxy that was revoked.
// expect: threw Something was thrown that cannot be shown.
const { proxy, revoke } = Proxy.revocable({}, {});
revoke();
throw proxy;
