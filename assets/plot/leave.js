// What a view has to tell, and when it is heard.
//
// On the way to another page: Streamlit asks for a page with the same message as for a run of this one, and the later message wins, so what a scrub
// still has to send when a link has been clicked, or "back" pressed, would take the reader's page away again. It waits until the page has been left,
// and with it the view whose it was.
//
// While the network is away, or the server: nobody hears, and a new session hears nothing before its script has run once. What is told then waits for
// that, so that a student goes on dragging and loses nothing.

const LONGEST = 10000, LOOK = 100, RESTS = 10; // ms, ms, looks in a row at which no script ran
const AFRESH = 1000; // ms: Streamlit sends a trigger a turn after it has been set, and a busy browser has a click before that turn

const held = new Map(); // view and trigger -> what sends it
let told = -Infinity, looking, until, rests, target; // target: the path that "back" has gone to, where it was "back"

const app = () => document.querySelector("[data-testid=stApp]")?.dataset ?? {};
const away = () => app().testConnectionState !== undefined && app().testConnectionState !== "CONNECTED";

/** Hand a view's trigger to Python; the latest of each waits for a page that is being left, and goes with it. */
export function tell(view, name, payload) {
  const send = () => {
    told = performance.now();
    view.component.setTriggerValue(name, payload);
  };
  if (!looking && away()) wait();
  if (!looking) return send();
  if (!held.has(view)) held.set(view, {});
  held.get(view)[name] = send;
}

/** Whether a view has something to tell that has not been sent. */
export const untold = (view) => held.has(view);

function leave(path) {
  target = path;
  wait();
}

function wait() {
  until = performance.now() + LONGEST;
  rests = 0;
  looking ||= setInterval(look, LOOK);
}

function look() {
  if (away()) return wait();
  rests = app().testScriptState === "notRunning" ? rests + 1 : 0;
  if (rests < RESTS && performance.now() < until) return;
  clearInterval(looking);
  looking = target = undefined;
  const sends = [...held].filter(([view]) => view.parent.isConnected).flatMap(([, each]) => Object.values(each));
  held.clear();
  sends.forEach((send) => send());
}

/** Take a way again once what has been told is sent: it would come after the way, and win. */
function again(way) {
  if (performance.now() > told + AFRESH) return false;
  told = -Infinity;
  setTimeout(way);
  return true;
}

addEventListener("click", (event) => {
  const { button, ctrlKey, metaKey, shiftKey } = event, link = event.target.closest?.("[data-testid=stPageLink] a, [data-testid=stSidebarNav] a");
  if (!link || button || ctrlKey || metaKey || shiftKey) return;
  if (again(() => link.click())) return event.preventDefault(), event.stopPropagation();
  leave();
}, true);
addEventListener("popstate", () => {
  leave(location.pathname);
  again(() => dispatchEvent(new PopStateEvent("popstate")));
});

// "Back" is the page before. Streamlit replaces the address when a hand moves a widget, but adds an entry to the history for every
// setting that Python changes (a commit, a preset): those become replacements too. Entries for other pages stay as they are, but for that of a page
// whose last run is heard of only after it has been left.
const push = history.pushState;
history.pushState = function (state, title, url) {
  const path = url != null ? new URL(url, location.href).pathname : location.pathname;
  if (target !== undefined && path !== target) return;
  return (path === location.pathname ? history.replaceState : push).call(this, state, title, url);
};
