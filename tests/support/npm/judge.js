// Asks the libraries of providers whether a request is theirs: reads [{judge, name, method, url, headers,
// body, secret, certificate}, …] from standard input, and writes [true | false, …].
const https = require("node:https");
const { EventEmitter } = require("node:events");

const rows = JSON.parse(require("node:fs").readFileSync(0, "utf8"));

const JUDGES = {
  async octokit({ body, headers, secret }) {
    const { verify } = await import("@octokit/webhooks-methods");
    return verify(secret, body, headers["x-hub-signature-256"]);
  },
  async linear({ body, headers, secret }) {
    const { LinearWebhookClient } = await import("@linear/sdk/webhooks");
    return new LinearWebhookClient(secret).verify(Buffer.from(body), headers["linear-signature"]);
  },
  async sanity({ body, headers, secret }) {
    const { isValidSignature } = await import("@sanity/webhook");
    return isValidSignature(body, headers["sanity-webhook-signature"], secret);
  },
  async contentful({ method, url, body, headers, secret }) {
    const { verifyRequest } = require("@contentful/node-apps-toolkit");
    const { pathname, search } = new URL(url);
    return verifyRequest(secret, { method, path: pathname + search, headers, body }, 300);
  },
  async notion({ body, headers, secret }) {
    const { verifyWebhookSignature } = require("@notionhq/client");
    const signature = headers["x-notion-signature"];
    return verifyWebhookSignature({ body, signature, verificationToken: secret });
  },
  // Fetches the certificate itself: what stands at its URL is handed in.
  async sns({ body, certificate }) {
    https.get = (_url, answered) => {
      const answer = Object.assign(new EventEmitter(), { statusCode: 200, setEncoding() {} });
      setImmediate(() => {
        answered(answer);
        answer.emit("data", certificate);
        answer.emit("end");
      });
      return new EventEmitter();
    };
    const Validator = require("sns-validator");
    return new Promise((resolve) =>
      new Validator().validate(JSON.parse(body), (error) => resolve(!error)),
    );
  },
  async tern({ name, method, url, body, headers, secret }) {
    const { WebhookVerificationService } = require("@hookflo/tern");
    const request = new Request(url, { method, headers, body });
    const answer = await WebhookVerificationService.verifyWithPlatformConfig(request, name, secret);
    return answer.isValid;
  },
};

async function verdict(row) {
  try {
    return (await JUDGES[row.judge](row)) === true;
  } catch {
    return false; // what a library does not believe, it throws at
  }
}

(async () => {
  const verdicts = [];
  for (const row of rows) verdicts.push(await verdict(row));
  process.stdout.write(JSON.stringify(verdicts));
})();
