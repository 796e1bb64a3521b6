// Runs in the browser.

/** What the demo said when it refused: `message` is for the user, `code` for the page. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const header = "x-folio-session";
const kept = "folio-session";
let session: Promise<string> | undefined;

async function post(name: string, body: BodyInit, headers: Record<string, string>, signal?: AbortSignal): Promise<Response> {
  const response = await fetch(`/api/${name}`, { method: "POST", body, headers, signal }).catch(() => {
    if (signal?.aborted) throw new ApiError("cancelled", "Cancelled.");
    throw new ApiError("gone", "The demo does not answer. Is the folio command still running?");
  });
  if (response.ok) return response;
  const { code, message } = (await response.json().catch(() => ({}))) as { code?: string; message?: string };
  if (code === "session-lost") session = undefined;
  throw new ApiError(code ?? "unknown", message ?? `The demo answered ${response.status}.`);
}

const asJson = { "content-type": "application/json" };

/** One session a tab: a reload keeps it, another tab gets its own. */
function ownSession(): Promise<string> {
  return (session ??= (async () => {
    const before = sessionStorage.getItem(kept);
    if (before !== null) return before;
    const made = ((await (await post("session", "{}", asJson)).json()) as { session: string }).session;
    sessionStorage.setItem(kept, made);
    return made;
  })());
}

async function asked(name: string, body: BodyInit, headers: Record<string, string>, signal?: AbortSignal): Promise<Response> {
  try {
    return await post(name, body, { ...headers, [header]: await ownSession() }, signal);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "session-lost") throw error;
    // The server was started anew: begin again instead of showing a page that nothing answers.
    sessionStorage.removeItem(kept);
    session = undefined;
    location.reload();
    throw error;
  }
}

/** Asks a `json` route. @throws ApiError */
export async function ask<Answer>(name: string, body: unknown = {}, signal?: AbortSignal): Promise<Answer> {
  return (await asked(name, JSON.stringify(body), asJson, signal)).json() as Promise<Answer>;
}

/** Sends a file to a `bytes` route. @throws ApiError */
export async function sendFile<Answer>(name: string, file: File, signal?: AbortSignal): Promise<Answer> {
  const headers = { "content-type": "application/octet-stream", "x-file-name": encodeURIComponent(file.name) };
  return (await asked(name, file, headers, signal)).json() as Promise<Answer>;
}

/** Asks for a file and hands it to the user. @throws ApiError */
export async function download(name: string, body: unknown = {}): Promise<void> {
  const response = await asked(name, JSON.stringify(body), asJson);
  const fileName = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1] ?? name;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Only the newest call counts: a call that is overtaken is cancelled and gives undefined. For sliders. */
export function latest<Arguments extends unknown[], Answer>(work: (signal: AbortSignal, ...given: Arguments) => Promise<Answer>): (...given: Arguments) => Promise<Answer | undefined> {
  let running: AbortController | undefined;
  return async (...given) => {
    running?.abort();
    const own = (running = new AbortController());
    try {
      const answer = await work(own.signal, ...given);
      return own.signal.aborted ? undefined : answer;
    } catch (error) {
      if (own.signal.aborted) return undefined;
      throw error;
    }
  };
}
