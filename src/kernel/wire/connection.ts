import { readFile } from "node:fs/promises";
import { BadFile } from "../../core/index.js";

/** What a Jupyter connection file says: where the five channels are and how messages are signed. */
export interface ConnectionFile {
  readonly transport: "tcp" | "ipc";
  readonly ip: string;
  readonly shell_port: number;
  readonly control_port: number;
  readonly stdin_port: number;
  readonly iopub_port: number;
  readonly hb_port: number;
  readonly key: string;
  readonly signature_scheme: string;
}

/** @throws BadFile when it is missing, not JSON, or lacks a field */
export async function readConnectionFile(path: string): Promise<ConnectionFile> {
  const remedy = "Jupyter writes this file; start the kernel from Jupyter.";
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new BadFile("not-found", path, "cannot be read", remedy, { cause });
  });
  let json: Partial<ConnectionFile>;
  try {
    json = JSON.parse(text) as Partial<ConnectionFile>;
  } catch {
    throw new BadFile("not-json", path, "is not JSON", remedy);
  }
  for (const name of ["shell_port", "control_port", "stdin_port", "iopub_port", "hb_port"] as const) {
    if (!Number.isInteger(json[name])) throw new BadFile("bad-connection-file", path, `has no ${name}`, remedy);
  }
  if ((json.signature_scheme ?? "hmac-sha256") !== "hmac-sha256")
    throw new BadFile("unsupported", path, `signs with ${json.signature_scheme}`, "Folio knows hmac-sha256.");
  return { transport: "tcp", ip: "127.0.0.1", key: "", signature_scheme: "hmac-sha256", ...json } as ConnectionFile;
}

/** The addresses of the five channels: shell, control, stdin, iopub, heartbeat. */
export function addressesOf(connection: ConnectionFile): readonly string[] {
  const { shell_port, control_port, stdin_port, iopub_port, hb_port } = connection;
  return [shell_port, control_port, stdin_port, iopub_port, hb_port].map((port) => addressOf(connection, port));
}

function addressOf({ transport, ip }: ConnectionFile, port: number): string {
  return transport === "ipc" ? `ipc://${ip}-${port}` : `tcp://${ip}:${port}`;
}
