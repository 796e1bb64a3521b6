import type { IncomingHttpHeaders } from "node:http";
import { Refused } from "./refused.js";

/**
 * Who may ask. The server listens on this machine only, but every page in the user's browser can reach it too:
 * a foreign name that resolves to 127.0.0.1 is refused by Host, a foreign page by Origin and Fetch Metadata.
 * @throws Refused 421 or 403
 */
export function checkSender(method: string, headers: IncomingHttpHeaders, port: number): void {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const { host, origin } = headers;
  if (host === undefined || !hosts.includes(host.toLowerCase())) throw new Refused(421, "wrong-host", `This server answers to ${hosts.join(" and ")} only.`);
  const own = `http://${host.toLowerCase()}`;
  const foreign = origin === undefined ? method !== "GET" && method !== "HEAD" : origin.toLowerCase() !== own;
  const site = headers["sec-fetch-site"];
  const fromAfar = site === "cross-site" && headers["sec-fetch-mode"] !== "navigate";
  if (foreign || fromAfar) throw new Refused(403, "wrong-origin", "Only the demo's own page may ask this.");
}

/** Of every answer: nothing is loaded from elsewhere, nothing is embedded, nothing is kept. */
export const securityHeaders: Readonly<Record<string, string>> = {
  "Content-Security-Policy": [
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob: data:", "media-src 'self' blob:", "font-src 'self'", "connect-src 'self'",
    "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
  ].join("; "),
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
  "Cache-Control": "no-store",
};
