// A provider of sign-ins for one test run: panva's certified oidc-provider with its own login and consent forms.
// The first line on stdout is its address. What it is told comes as JSON in the first argument:
// { back: redirect URIs, out: addresses after signing out, secret, people: { login: { name, groups, ... } } }
import Provider from "oidc-provider";
import { createServer } from "node:http";

const told = JSON.parse(process.argv[2]);
const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: "aftercare",
        client_secret: told.secret,
        redirect_uris: told.back,
        post_logout_redirect_uris: told.out,
      },
    ],
    claims: { openid: ["sub"], profile: ["name", "preferred_username", "groups"], email: ["email"] },
    pkce: { required: () => true },
    cookies: { keys: ["kept for one test run only"] },
    // Any password does; who somebody is, the table says.
    findAccount: (_ctx, login) => ({
      accountId: login,
      claims: () => ({ sub: login, preferred_username: login, ...told.people[login] }),
    }),
    features: { rpInitiatedLogout: { enabled: true } },
    ttl: { IdToken: 600, AccessToken: 600, AuthorizationCode: 60, Interaction: 600, Grant: 600, Session: 600 },
  });
  server.on("request", provider.callback());
  console.log(issuer);
});
