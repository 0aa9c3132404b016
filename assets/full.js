// Waits for a place: says how far this browser is in the line, and loads the page again once a place is held for it.

const EVERY = 3000
const status = document.querySelector("[role=status]")
// Its own address tells where the lab lives, whatever base path or proxy lies between.
const root = new URL("..", import.meta.url)

async function ask() {
  const answer = await fetch(new URL("lab/place", root), { cache: "no-store", credentials: "same-origin" })
  if (!answer.ok) throw new Error(String(answer.status))
  return answer.json()
}

async function wait() {
  for (;;) {
    try {
      const { place } = await ask()
      if (place === 0) {
        status.textContent = "There is a place: the lab opens."
        location.reload()
        return
      }
      status.textContent = place === 1 ? "You are the next." : `You are number ${place} in the line.`
    } catch {
      status.textContent = "The lab does not answer just now; this page keeps trying."
    }
    // Not all at once: whoever was turned away together would ask together.
    await new Promise((resolve) => setTimeout(resolve, EVERY * (0.75 + Math.random() / 2)))
  }
}

wait()
