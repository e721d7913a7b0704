// Asks the studio as programs with language models do, with the protocol's own client.
import { readFileSync } from "node:fs";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const told = JSON.parse(readFileSync(0, "utf8"));
const say = (step, seen) => process.stdout.write(`${JSON.stringify({ step, seen })}\n`);
const connect = async (token) => {
  const requestInit = { headers: { Authorization: `Bearer ${token}` } };
  const client = new Client({ name: "tests", version: "1" });
  await client.connect(new StreamableHTTPClientTransport(new URL(told.url), { requestInit }));
  return client;
};
const call = (name, args) => client.callTool({ name, arguments: args });

const client = await connect(told.token);
say("tools", (await client.listTools()).tools.map((tool) => tool.name));
say("estimate", (await call("estimate", { prompt: "From Node" })).structuredContent.needs_confirmation);
const made = await call("generate", { prompt: "From Node" });
say("generate", made.content.map((block) => block.type));
const { pictures } = made.structuredContent;
const fetched = await call("fetch_picture", { picture: pictures[0].id });
say("fetch", fetched.content.map((block) => block.mimeType ?? block.type));
const refused = await call("generate", { prompt: "x", flavour: "salt" });
say("refused", [refused.isError, refused.structuredContent.error.param]);
say("unknown tool", (await call("sing", {}).catch((error) => error)).code);
say("stranger", (await connect("omixa_none").catch((error) => error)).code);
await client.close();
