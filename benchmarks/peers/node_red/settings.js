// Node-RED with nothing but the flow: no editor, no admin API, no log lines, no files of its own.
"use strict";

module.exports = {
  flowFile: process.env.FLOW_FILE,
  userDir: process.env.USER_DIR,
  uiHost: "127.0.0.1",
  uiPort: Number(process.env.PORT),
  disableEditor: true,
  httpAdminRoot: false,
  credentialSecret: false,
  externalModules: { autoInstall: false, palette: { allowInstall: false } },
  telemetry: { enabled: false },
  diagnostics: { enabled: false },
  runtimeState: { enabled: false },
  logging: { console: { level: "error", metrics: false, audit: false } },
};
