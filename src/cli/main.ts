#!/usr/bin/env node
import { processShell } from "./shell.js";
import { runCli } from "./run.js";

process.exitCode = await runCli(process.argv.slice(2), processShell());
