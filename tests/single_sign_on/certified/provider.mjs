// The certified provider on loopback, with accounts that need no password. Its one argument is a JSON object:
// port, clients (as oidc-provider takes them) and accounts (by name: email, email_verified, amr).
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";
import { createRequire } from "node:module";

const require = createRequire(`${process.cwd()}/`);
const { default: Provider } = await import(pathToFileURL(require.resolve("oidc-provider")));
const { port, clients, accounts } = JSON.parse(process.argv[2]);

const page = (title, inside) =>
  `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>${title}</title></head>` +
  `<body><main><h1>${title}</h1>${inside}</main></body></html>`;

const provider = new Provider(`http://localhost:${port}`, {
  clients,
  claims: { openid: ["sub"], email: ["email", "email_verified"], amr: null },
  features: {
    claimsParameter: { enabled: true },
    devInteractions: { enabled: false },
    jwtUserinfo: { enabled: true },
    rpInitiatedLogout: {
      logoutSource: (ctx, form) => {
        ctx.body = page("Sortir ?", `${form}<button form="op.logoutForm" name="logout" value="yes">Sortir</button>`);
      },
    },
  },
  interactions: { url: (_, interaction) => `/qui/${interaction.uid}` },
  // The discovery then shows that the provider sends nothing of the address in the ID token.
  conformIdTokenClaims: true,
  findAccount: (_, name) =>
    accounts[name] && { accountId: name, claims: () => ({ sub: name, ...accounts[name], amr: undefined }) },
  // Nobody is asked whether the site may know the address.
  async loadExistingGrant(ctx) {
    const { client, session, provider: own } = ctx.oidc;
    const grant = new own.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope("openid email");
    grant.addOIDCClaims(["amr", "auth_time"]);
    await grant.save();
    return grant;
  },
});

async function interaction(request, response) {
  const { uid } = await provider.interactionDetails(request, response);
  if (request.method === "GET") {
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    return response.end(
      page(
        "Qui êtes-vous ?",
        `<form method="post" action="/qui/${uid}"><label>Nom <input name="nom"></label>` +
          `<button name="acte" value="oui">Entrer</button><button name="acte" value="non">Renoncer</button></form>`,
      ),
    );
  }
  let body = "";
  for await (const piece of request) body += piece;
  const form = new URLSearchParams(body);
  const name = form.get("nom");
  const result =
    form.get("acte") === "non"
      ? { error: "access_denied", error_description: "no" }
      : { login: { accountId: name, amr: accounts[name]?.amr ?? ["pwd"] } };
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

const callback = provider.callback();
createServer((request, response) => {
  if (!request.url.startsWith("/qui/")) return callback(request, response);
  return interaction(request, response).catch((error) => {
    response.statusCode = 400;
    response.end(error.message);
  });
}).listen(port, "localhost", () => console.log("ready"));
