"""Play students on one process and on the whole site, and print what they met with and what they cost: `make load`.

The load generator shares the machine's processors with what it loads; what it took itself is told apart.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import psutil

from benchmarks.load.crowd import Plan, leave, play
from benchmarks.load.student import Seen
from tests.browser.driving import DRAWN
from tests.servers import process
from tests.site.topology import site

MOST_MILLISECONDS, MOST_MEGABYTES = 300.0, 2.0
"""What the lab promises for 60 students on two processors: of 95 replies in 100, and of memory a student."""


def centile(values: list[float], share: float) -> float:
    """Return a value that ``share`` of the values do not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else float("nan")


def told(name: str, seconds: list[float]) -> str:
    """Return a line of latencies."""
    if not seconds:
        return f"  {name:34} none"
    middle, most, worst = (1000 * value for value in (median(seconds), centile(seconds, 0.95), max(seconds)))
    return f"  {name:34} {len(seconds):6} times; half within {middle:6.0f} ms, 95 % within {most:6.0f} ms, all within {worst:6.0f} ms"


class Meter:
    """What processes take: seconds of processor and bytes of their own."""

    def __init__(self, roots: list[int]) -> None:
        self._roots = roots
        self.before, self.start, self.own = self._processor(), time.monotonic(), time.process_time()

    def _all(self) -> list[psutil.Process]:
        return [each for pid in self._roots for each in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True))]

    def _processor(self) -> dict[int, float]:
        return {each.pid: sum(each.cpu_times()[:2]) for each in self._all()}

    def share(self) -> tuple[float, float]:
        """Return how many processors they, and this process, have taken on average."""
        took = time.monotonic() - self.start
        after = self._processor()
        return sum(after[pid] - self.before.get(pid, 0.0) for pid in after) / took, (time.process_time() - self.own) / took

    def memory(self) -> float:
        """Return their own megabytes."""
        return sum(each.memory_full_info().uss for each in self._all()) / 1e6


def report(seen: Seen) -> None:
    """Print what a crowd has met with."""
    print(told("pages opened", seen.opened))
    print(told("controls moved, until all is there", seen.moved))
    print(told("    until the first word", seen.first))
    for page, seconds in sorted(seen.by_page.items()):
        print(told(f"    {page}", seconds))
    print(told("trainings, from asked to done", seen.trained))
    print(f"  {seen.received / 1e6:.1f} MB received; {seen.full} times full; errors: {dict(seen.errors) or 'none'}")


async def _crowd(url: str, roots: list[int], plan: Plan) -> tuple[Seen, float]:
    """Play a crowd; print what it cost; return what it met with and the megabytes that a student took."""
    await leave((await play(url, Plan(2 * len(plan.pages), 1, 5.0, 20.0, pages=plan.pages), seed=9))[1])  # what is loaded once
    await asyncio.sleep(1.0)
    meter = Meter(roots)
    before = meter.memory()
    seen, students = await play(url, plan)
    server, own = meter.share()
    full = meter.memory()
    report(seen)
    print(f"  processors: {server:.2f} of the lab's, {own:.2f} of the load generator's; {60 * server / plan.students:.2f} s a minute and student")
    await leave(students)
    await asyncio.sleep(SETTLES)
    left = meter.memory()
    held = (full - left) / plan.students
    print(
        f"  memory: {before:.0f} MB before, {full:.0f} MB with all of them, {left:.0f} MB after they have gone: "
        f"{held:.2f} MB a student, and {left - before:.0f} MB of what they have had computed"
    )
    return seen, held


async def churn(url: str, pid: int, sessions: int) -> tuple[float, float]:
    """Open and close sessions, forty at a time; return the megabytes after the first tenth and at the end."""
    meter, found = Meter([pid]), []
    for first in range(0, sessions, 40):
        plan = Plan(40, 0, 0.5, 1.0, every=0.5, pages=DRAWN[:4])
        await leave((await play(url, plan, seed=first))[1])
        if first + 40 in (sessions // 10, sessions):
            await asyncio.sleep(SETTLES)
            found.append(meter.memory())
            print(f"  {first + 40:5} sessions opened and closed: {found[-1]:.0f} MB", flush=True)
    return found[0], found[-1]


SETTLES = 130.0
"""Seconds after which a session that has closed is forgotten (server.disconnectedSessionTTL)."""


def main() -> int:
    """Play, print; return 1 where a promise is broken."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument(
        "what", nargs="*", default=["process", "site"], help="process, site, many (200 students on the site), churn (2,000 sessions)"
    )
    options.add_argument("--students", type=int, default=60)
    options.add_argument("--training", type=int, default=4)
    options.add_argument("--seconds", type=float, default=60.0)
    options.add_argument("--sessions", type=int, default=2000)
    options.add_argument("--pages", nargs="*", default=list(DRAWN))
    options.add_argument("--scrubs", type=float, default=Plan.scrubs)
    options.add_argument("--web", type=int, default=2)
    given = options.parse_args()
    plan = Plan(given.students, given.training, given.seconds, pages=tuple(given.pages), scrubs=given.scrubs)
    broken = 0
    for what in given.what:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lab-load-")))
            kept = {"LAB_PLACES": "0", "LAB_STORE": f"sqlite:///{folder / 'studies.sqlite'}", "LAB_CLASS": f"sqlite:///{folder / 'rooms.sqlite'}"}
            if what in ("process", "churn"):
                server, url = stack.enter_context(process(env=kept | {"LAB_ENGINE": ""}))
                roots = [server.pid]
            else:
                found = stack.enter_context(site(folder, web=given.web, env={"LAB_PLACES": "0"}))
                url, roots = found.url, [found.pid(name) for name in found.parts]
            if what == "churn":
                first, last = asyncio.run(churn(url, roots[0], given.sessions))
                print(f"  after the last {100 * (last / first - 1):+.1f} % of what it was after the first tenth\n")
                broken |= last > 1.1 * first
                continue
            if what == "many":
                plan = Plan(200, given.training, given.seconds, 60.0, pages=plan.pages, scrubs=plan.scrubs)
            where = "one process" if what == "process" else f"the site ({given.web} web processes)"
            print(f"{plan.students} students on {where}, {plan.training} training,")
            print(f"a control each {plan.every:g} s for {plan.seconds:g} s, {100 * plan.scrubs:.0f} % of them scrubs, over {len(plan.pages)} labs")
            seen, held = asyncio.run(_crowd(url, roots, plan))
            late = what != "many" and 1000 * centile(seen.moved, 0.95) > MOST_MILLISECONDS
            broken |= late or bool(seen.errors) or held > MOST_MEGABYTES
            print("", flush=True)
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
