// Asks the studio as programs do, with the clients that they use; tells what came, line by line.
import { readFileSync } from "node:fs";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateImage } from "ai";
import OpenAI, { toFile } from "openai";

const told = JSON.parse(readFileSync(0, "utf8"));
const say = (step, seen) => process.stdout.write(`${JSON.stringify({ step, seen })}\n`);
const client = new OpenAI({ baseURL: told.baseURL, apiKey: told.token });
const kinds = (answer) => answer.data.map((one) => Buffer.from(one.b64_json, "base64").toString("latin1", 1, 4));

const made = await client.images.generate({ model: "gpt-image-1", prompt: "From Node" });
say("generate", kinds(made));

const picture = Buffer.from(made.data[0].b64_json, "base64");
const files = await Promise.all([1, 2].map((n) => toFile(picture, `${n}.png`, { type: "image/png" })));
say("edit", kinds(await client.images.edit({ model: "gpt-image-1.5", image: files, prompt: "Both" })));

const events = [];
for await (const event of await client.images.generate({ prompt: "In a stream", stream: true })) events.push(event.type);
say("stream", events);

const refused = await client.images.generate({ prompt: "x", style: "natural" }).catch((error) => error);
say("refused", [refused.status, refused.param, refused.code]);

const failed = await client.images.generate({ prompt: told.fails }).catch((error) => error);
say("failed", [failed.status, failed.code]);

const provider = createOpenAICompatible({ name: "studio", baseURL: told.baseURL, apiKey: told.token });
const answer = await generateImage({ model: provider.imageModel("gpt-image-1"), prompt: "By the AI SDK", n: 2 });
say("ai", answer.images.map((one) => one.mediaType));

const again = await generateImage({ model: provider.imageModel("gpt-image-1"), prompt: told.failsToo }).catch((error) => error);
say("ai failed", [String(again.statusCode ?? again.lastError?.statusCode)]);
