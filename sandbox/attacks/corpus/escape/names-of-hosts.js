// Looks for what browsers, Node and shells give their code.
// expect: returned []
const found = [];
if (typeof process !== "undefined") found.push("process");
if (typeof require !== "undefined") found.push("require");
if (typeof module !== "undefined") found.push("module");
if (typeof global !== "undefined") found.push("global");
if (typeof window !== "undefined") found.push("window");
if (typeof self !== "undefined") found.push("self");
if (typeof fetch !== "undefined") found.push("fetch");
if (typeof XMLHttpRequest !== "undefined") found.push("XMLHttpRequest");
if (typeof WebSocket !== "undefined") found.push("WebSocket");
if (typeof Worker !== "undefined") found.push("Worker");
if (typeof load !== "undefined") found.push("load");
if (typeof read !== "undefined") found.push("read");
if (typeof print !== "undefined") found.push("print");
if (typeof quit !== "undefined") found.push("quit");
if (typeof d8 !== "undefined") found.push("d8");
if (typeof gc !== "undefined") found.push("gc");
if (typeof performance !== "undefined") found.push("performance");
if (typeof queueMicrotask !== "undefined") found.push("queueMicrotask");
if (typeof __timer_manager !== "undefined" && __timer_manager) found.push("__timer_manager");
if (typeof __TimerManager !== "undefined" && __TimerManager) found.push("__TimerManager");
return found;
