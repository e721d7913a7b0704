// Lets itself in by OAuth as programs with language models do, with the protocol's own client:
// a person is led to an address, and comes back to a server of this program.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

// `kept` is what the run before kept: the client that was registered, and its tokens.
const { url, work, kept } = JSON.parse(readFileSync(0, "utf8"));
const say = (step, seen) => process.stdout.write(`${JSON.stringify({ step, seen })}\n`);

const server = createServer().listen(0, "127.0.0.1");
await once(server, "listening");
const back = `http://127.0.0.1:${server.address().port}/callback`;
let verifier;
const provider = {
  redirectUrl: back,
  clientMetadata: { client_name: "Node Pal", redirect_uris: [back] },
  clientInformation: () => kept.client,
  saveClientInformation: (client) => Object.assign(kept, { client }),
  tokens: () => kept.tokens,
  saveTokens: (tokens) => Object.assign(kept, { tokens }),
  saveCodeVerifier: (made) => (verifier = made),
  codeVerifier: () => verifier,
  invalidateCredentials: () => delete kept.tokens,
  redirectToAuthorization: (address) => say("asks", address.href),
};

const comeBack = async () => {
  const [request, answer] = await once(server, "request");
  answer.end();
  const told = new URL(request.url, back).searchParams;
  if (told.has("error")) throw new Error(told.get("error"));
  return told.get("code");
};

const works = {
  tools: async (client) => (await client.listTools()).tools.map((tool) => tool.name),
  generate: async (client) => {
    const wanted = { model: "gpt-image-1.5", prompt: "From Node by OAuth" };
    return (await client.callTool({ name: "generate", arguments: wanted })).structuredContent;
  },
};

const attempt = async () => {
  const transport = new StreamableHTTPClientTransport(new URL(url), { authProvider: provider });
  const client = new Client({ name: "tests", version: "1" });
  try {
    await client.connect(transport);
    say(work, await works[work](client));
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) throw error;
    // As the library's documentation says: finish, and connect anew.
    await transport.finishAuth(await comeBack());
    return false;
  } finally {
    await client.close();
  }
  return true;
};

try {
  if (!(await attempt())) await attempt();
} catch (error) {
  say("failed", error.message);
}
say("kept", kept);
server.close();
server.closeAllConnections();
