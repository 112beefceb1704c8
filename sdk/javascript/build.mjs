// Makes a component of a module, through the build tool's own interface: its command line cannot turn every feature off,
// and with one of them on the component would import what no plugin is given.
//
//     node build.mjs <module> <interface folder> <world> <component>

import { writeFile } from "node:fs/promises";

const TOOL = "@bytecodealliance/componentize-js";

const [sourcePath, witPath, worldName, output] = process.argv.slice(2);

const tool = await import(TOOL).catch((error) => {
  if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
  console.error(`${TOOL} is missing: run \`npm install\` in the plugin's folder`);
  process.exit(1);
});
const { component, imports } = await tool.componentize({
  sourcePath,
  witPath,
  worldName,
  disableFeatures: ["stdio", "random", "clocks", "http", "fetch-event"],
});
if (imports.length > 0) throw new Error(`the component imports ${imports.join(", ")}`);
await writeFile(output, component);
