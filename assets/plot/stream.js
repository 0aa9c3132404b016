// The socket of a run or of a study, beside the address that Plotly comes from; and when to come back to one that broke.

// Milliseconds between attempts to come back, the first and the longest.
const SOON = 400, LATE = 10000;

/** Open the stream of a run, of which `n` messages are here already, or of a study. */
export function openStream(beside, id, viewer, n = 0) {
  const url = new URL(`run/${encodeURIComponent(id)}?viewer=${encodeURIComponent(viewer)}&n=${n}`, beside);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return new WebSocket(url);
}

/** How long to wait after so many attempts: each time a little longer, and not all visitors at the same moment. */
export const patience = (attempts) => Math.min(LATE, SOON * 2 ** attempts) * (0.75 + 0.5 * Math.random());
