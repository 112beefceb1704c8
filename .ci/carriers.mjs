// Sends what the recordings of the carrier adapters ask to a mock of the carrier's published document, and tells what the
// document refuses. Each request is also sent broken: a document that takes that too would prove nothing. The answers in the
// recordings are held against the document as well, and so is what adapters and simulated carriers said to each other on the
// whole path.

import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { join } from "node:path";

const [specs, tools, work] = process.argv.slice(2);
const tool = createRequire(join(tools, "package.json"));
const yaml = tool("js-yaml");
const Ajv = tool("ajv");
const formats = tool("ajv-formats");
const PLUGINS = "plugins";
const START_MS = 120_000;
/** The one scenario whose answers are in no document. */
const UNKNOWN = "unknown-state";

/** What a plugin's adapter and its simulated carrier said to each other, by the file that holds it. */
function exchanges(plugin) {
    const folder = process.env.NEXUSPORT_EXCHANGES ?? "";
    const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith(`${plugin}-`)).sort() : [];
    return files.flatMap((file) => JSON.parse(readFileSync(join(folder, file))).map((exchange) => ({ file, ...exchange })));
}

/** A plugin's recordings, with the files that hold them. */
function recordings(plugin) {
    const folder = join(PLUGINS, plugin, "fixtures");
    const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")).sort() : [];
    return files.map((fixture) => ({ fixture, ...JSON.parse(readFileSync(join(folder, fixture))) }));
}

/** The requests of a plugin's recordings and of its whole path, each once, with the first file that holds it. */
function requests(plugin) {
    const found = new Map();
    const add = (fixture, request) => {
        const key = JSON.stringify([request.method, request.destination, request.target, request.headers, request.body, request.credential]);
        if (!found.has(key)) found.set(key, { fixture, request });
    };
    for (const { fixture, input, outcome } of recordings(plugin)) {
        const sent = outcome.answered?.Send;
        for (const request of [...input.journal.map((exchange) => exchange.request), ...(sent ? [sent] : [])]) add(fixture, request);
    }
    for (const { file, request } of exchanges(plugin)) add(file, request);
    return [...found.values()];
}

/** The answers in a plugin's recordings and on its whole path. Carriers that are busy or broken answer with anything. */
function answers(plugin) {
    const recorded = recordings(plugin).flatMap(({ fixture, input }) =>
        input.journal
            .filter(({ answer }) => answer.Answered)
            .map(({ request, answer: { Answered: { status, body } } }) => ({ file: fixture, request, status, answer: body })),
    );
    const isHeld = ({ status }) => status && status !== 429 && status < 500;
    return [...recorded, ...exchanges(plugin)].filter(isHeld);
}

/** The document as published, but for the places that the plugin sets aside, each with its reason. */
function document(path, aside) {
    const file = join(specs, path);
    const parsed = yaml.load(readFileSync(file, "utf8"), { schema: yaml.JSON_SCHEMA });
    if (aside.length === 0) return { file, parsed };
    for (const { pointer, because } of aside) {
        const steps = pointer.split("/").slice(1).map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
        const last = steps.pop();
        const place = steps.reduce((value, step) => value?.[step], parsed);
        if (place?.[last] === undefined) throw new Error(`${path} has nothing to set aside at ${pointer}`);
        console.log(`   set aside: ${pointer} (${JSON.stringify(place[last])}), because ${because}`);
        delete place[last];
    }
    const amended = join(work, `${path.replaceAll("/", "-")}.json`);
    writeFileSync(amended, JSON.stringify(parsed));
    return { file: amended, parsed };
}

/** Where the document's paths begin on a server of it. */
function base(parsed) {
    const server = parsed.servers?.[0]?.url ?? "";
    return new URL(server.replaceAll(/[{}]/g, ""), "http://x").pathname.replace(/\/$/, "");
}

/** What the document has for a target, the most particular path first. */
function pathOf(parsed, target) {
    const { pathname } = new URL(target, "http://x");
    const matches = (template) =>
        new RegExp(`^${template.replaceAll(/[.*+?^$()|[\]\\]/g, "\\$&").replaceAll(/\{[^}]+\}/g, "[^/]+")}$`).test(pathname);
    const templates = Object.keys(parsed.paths).filter(matches);
    return parsed.paths[templates.sort((a, b) => a.split("{").length - b.split("{").length)[0]];
}

function resolver(parsed) {
    const resolve = (it) => (it.$ref ? resolve(it.$ref.slice(2).split("/").reduce((value, step) => value[step], parsed)) : it);
    return resolve;
}

/** What holds answers against a document: gives what is wrong with one, or nothing. */
function answersOf(parsed) {
    const ajv = new Ajv({ strict: false, logger: false });
    formats(ajv);
    ajv.addSchema(parsed, "document");
    const compiled = new Map();
    const schemaOf = (schema) => {
        const own = JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"document#/'));
        if (!compiled.has(schema)) compiled.set(schema, ajv.compile(own));
        return compiled.get(schema);
    };
    return ({ method, target }, status, body) => {
        const declared = pathOf(parsed, target)?.[method.toLowerCase()]?.responses?.[status];
        if (!declared) return `the document has no ${status} here`;
        const content = Object.values(resolver(parsed)(declared).content ?? {})[0];
        if (!content) return undefined;
        const fits = schemaOf(content.schema);
        return fits(body) ? undefined : ajv.errorsText(fits.errors);
    };
}

/** A parameter or member that the document does not declare: Prism lets those pass. */
function undeclared(parsed, { method, target, body }) {
    const url = new URL(target, "http://x");
    const resolve = resolver(parsed);
    const path = pathOf(parsed, target);
    const operation = path?.[method.toLowerCase()];
    if (!operation) return undefined; // Prism refuses it.
    const declared = [...(path.parameters ?? []), ...(operation.parameters ?? [])].map(resolve);
    const names = declared.filter((it) => it.in === "query").map((it) => it.name);
    const parameter = [...url.searchParams.keys()].find((name) => !names.includes(name));
    const content = operation.requestBody && Object.values(resolve(operation.requestBody).content)[0];
    const member = body && content ? stranger(content.schema, JSON.parse(body), resolve) : undefined;
    return member ?? (parameter && `query.${parameter}`);
}

/** A member of a body that its schema does not name: documents let those pass too. What is open by design is not looked into. */
function stranger(schema, value, resolve, at = "body") {
    const parts = [];
    const collect = (it) => {
        const part = resolve(it);
        parts.push(part);
        part.allOf?.forEach(collect);
    };
    collect(schema);
    if (Array.isArray(value)) {
        const items = parts.find((part) => part.items)?.items;
        return items && value.map((it, n) => stranger(items, it, resolve, `${at}[${n}]`)).find(Boolean);
    }
    const isOpen = (part) => part.oneOf || part.anyOf || part.discriminator || part.additionalProperties;
    const members = Object.assign({}, ...parts.map((part) => part.properties ?? {}));
    if (value === null || typeof value !== "object" || parts.some(isOpen) || Object.keys(members).length === 0) return undefined;
    for (const [name, it] of Object.entries(value)) {
        if (!(name in members)) return `${at}.${name}`;
        const inside = stranger(members[name], it, resolve, `${at}.${name}`);
        if (inside) return inside;
    }
    return undefined;
}

/** What the document has against a request; nothing where it is valid. */
async function refusal(mock, request) {
    const unknown = undeclared(mock.parsed, request);
    if (unknown !== undefined) return `${unknown} is not declared`;
    const missing = missingHeader(mock.parsed, request);
    if (missing !== undefined) return missing;
    const headers = Object.fromEntries(request.headers.map(({ name, value }) => [name, value]));
    if (request.credential) headers.authorization = "Bearer injected-by-the-host";
    // As bytes, which are sent without a content type of their own.
    const body = request.body === "" ? undefined : new TextEncoder().encode(request.body);
    const answer = await fetch(`http://127.0.0.1:${mock.port}${request.target}`, { method: request.method, headers, body });
    const text = await answer.text();
    const told = answer.headers.get("sl-violations");
    if (told) {
        if (!told.startsWith("[")) return told;
        const broken = JSON.parse(told).filter((it) => it.location[0] === "request" && it.severity === "Error");
        if (broken.length > 0) return broken.map((it) => `${it.location.join(".")}: ${it.message}`).join("; ");
    }
    const isProblem = answer.headers.get("content-type")?.startsWith("application/problem+json");
    const problem = isProblem ? JSON.parse(text) : {};
    // The document's own example does not fit its schema: nothing that the request could help.
    if (!problem.type?.includes("stoplight.io/prism/errors") || problem.validation?.every((it) => it.location[0] === "response")) {
        return undefined;
    }
    return `${answer.status} ${problem.title}: ${problem.detail}`;
}

/** What the document demands of a request's headers that is not there: of some of it Prism says nothing. */
function missingHeader(parsed, { method, target, headers, body, credential }) {
    const resolve = resolver(parsed);
    const path = pathOf(parsed, target);
    const operation = path?.[method.toLowerCase()];
    if (!operation) return undefined; // Prism refuses it.
    const sent = new Map(headers.map(({ name, value }) => [name.toLowerCase(), value]));
    const declared = [...(path.parameters ?? []), ...(operation.parameters ?? [])].map(resolve);
    const missing = declared.find((it) => it.in === "header" && it.required && !sent.has(it.name.toLowerCase()));
    if (missing) return `header.${missing.name} is missing`;
    const bare = (type) => type?.split(";")[0];
    const types = operation.requestBody && Object.keys(resolve(operation.requestBody).content).map(bare);
    const type = bare(sent.get("content-type"));
    if (body !== "" && types && !types.includes(type)) return `content-type is ${type}, not ${types.join(" or ")}`;
    const secured = (operation.security ?? parsed.security ?? []).length > 0;
    return secured && !credential ? "there is no credential" : undefined;
}

/** Copies of a request that a document has to refuse, by what is wrong with them. */
function broken(parsed, request) {
    const url = new URL(request.target, "http://x");
    const copies = { "a wrong path": { ...request, target: `${url.pathname}/x/of-nobody/x${url.search}` } };
    const spoil = (value) => Object.fromEntries(Object.keys(value).map((name) => [name, [[]]]));
    if (request.body !== "") {
        const body = JSON.parse(request.body);
        const each = (change) => ({ ...request, body: JSON.stringify(Array.isArray(body) ? body.map(change) : change(body)) });
        copies["wrong members in the body"] = each(spoil);
        copies["a member of nobody's in the body"] = each((value) => ({ ...value, "of-nobody": 1 }));
    }
    const others = request.headers.filter(({ name }) => name.toLowerCase() !== "content-type");
    if (request.body !== "") {
        copies["no content type"] = { ...request, headers: others };
        const ofNobody = { name: "content-type", value: "application/x-of-nobody" };
        copies["another content type"] = { ...request, headers: [...others, ofNobody] };
    }
    const operation = pathOf(parsed, request.target)[request.method.toLowerCase()];
    if ((operation.security ?? parsed.security ?? []).length > 0) copies["no credential"] = { ...request, credential: null };
    if (url.search !== "") copies["a wrong parameter"] = { ...request, target: `${request.target}&of-nobody=1` };
    return Object.entries(copies);
}

function freePort() {
    return new Promise((resolve, reject) => {
        const server = createServer().once("error", reject);
        server.listen(0, "127.0.0.1", () => {
            const { port } = server.address();
            server.close(() => resolve(port));
        });
    });
}

/** Prism on a free loopback port, ready. */
async function start({ file, parsed }) {
    const port = await freePort();
    const command = join(tools, "node_modules/@stoplight/prism-cli/dist/index.js");
    const child = spawn(process.execPath, [command, "mock", file, "--errors", "-h", "127.0.0.1", "-p", port]);
    await new Promise((resolve, reject) => {
        let output = "";
        const late = setTimeout(() => reject(new Error(`Prism does not start: ${output}`)), START_MS);
        const read = (data) => {
            output += data;
            if (output.includes("Prism is listening")) resolve(clearTimeout(late));
        };
        child.stdout.on("data", read);
        child.stderr.on("data", read);
        child.once("exit", () => reject(new Error(`Prism ended: ${output}`)));
    }).catch((error) => {
        child.kill();
        throw error;
    });
    return { port, parsed, stop: () => child.kill() };
}

/** Holds one plugin; gives its violations. */
async function hold(plugin, { destinations, set_aside = [] }) {
    const violations = [];
    const all = requests(plugin);
    if (all.length === 0) return ["it has no recordings"];
    let controls = 0;
    let held = 0;
    let unknown = 0;
    for (const path of new Set(Object.values(destinations).map((it) => it.document))) {
        const published = document(path, set_aside.filter((it) => it.document === path));
        const mock = await start(published);
        try {
            for (const { fixture, request } of all) {
                const served = destinations[request.destination];
                if (served?.document !== path) continue;
                if (served.base !== base(published.parsed)) {
                    violations.push(`${request.destination}: ${path} begins at "${base(published.parsed)}", not at "${served.base}"`);
                    break;
                }
                const what = `${fixture}: ${request.method} ${request.target}`;
                const refused = await refusal(mock, request);
                if (refused) violations.push(`${what}: ${refused}`);
                for (const [how, copy] of refused ? [] : broken(published.parsed, request)) {
                    controls += 1;
                    if (!(await refusal(mock, copy))) violations.push(`${what}: taken even with ${how}, so this proves nothing`);
                }
            }
        } finally {
            mock.stop();
        }
        const check = answersOf(published.parsed);
        for (const { file, request, status, answer } of answers(plugin)) {
            if (destinations[request.destination]?.document !== path) continue;
            held += 1;
            const what = `${file}: ${status} to ${request.method} ${request.target}`;
            const body = JSON.parse(answer);
            const wrong = check(request, status, body);
            if (wrong && file.startsWith(UNKNOWN)) unknown += 1;
            else if (wrong) violations.push(`${what}: ${wrong}`);
            else if (!check(request, status, [[body]])) violations.push(`${what}: taken even broken, so this proves nothing`);
        }
    }
    if (unknown === 0) violations.push(`the document knows every state of the recordings ${UNKNOWN}*, so they show nothing`);
    for (const { fixture, request } of all.filter((it) => !destinations[it.request.destination])) {
        violations.push(`${fixture}: no document serves the destination ${request.destination}`);
    }
    console.log(`   ${all.length} distinct requests, ${controls} broken copies of them, ${held} answers, recorded and simulated`);
    if (!all.length || !held) violations.push("there was nothing to hold against a document");
    return violations;
}

let failed = false;
let held = 0;
for (const plugin of readdirSync(PLUGINS).filter((name) => existsSync(join(PLUGINS, name, "document.json"))).sort()) {
    console.log(`-- ${plugin}`);
    const served = JSON.parse(readFileSync(join(PLUGINS, plugin, "document.json")));
    const missing = Object.values(served.destinations).find((it) => !existsSync(join(specs, it.document)));
    if (missing) {
        console.log(`   skipped: there is no ${join(specs, missing.document)}; nothing of ${plugin} was held against it`);
        failed ||= process.env.NEXUSPORT_CARRIERS === "required";
        continue;
    }
    const violations = await hold(plugin, served);
    for (const violation of violations) console.log(`   REFUSED ${plugin}/${violation}`);
    failed ||= violations.length > 0;
    held += 1;
}
process.exitCode = failed ? 1 : 0;
const well = held ? "every request and answer is valid by its carrier's document" : "nothing was held against a document";
console.log(failed ? "carriers' documents refuse some of it" : well);
