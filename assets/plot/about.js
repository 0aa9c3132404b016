// Where a picture or a sheet comes from: what the page is called, its settings in words, where its scrubs stand, and the link to it.

/** title: the page's; link: opens this state; settings: [label, value] pairs in words. The page has them in a list that paper alone shows. */
export function about() {
  const words = (node, name) => node.querySelector(name)?.textContent.trim() ?? "";
  const settings = [...document.querySelectorAll(".lab-settings > div")].map((pair) => [words(pair, "dt"), words(pair, "dd")]);
  // A file has no address that would mean anything to another reader, so it carries the lab's.
  return { title: words(document, "h1") || document.title, link: words(document, ".lab-address") || location.href, settings };
}

/** Where a group's scrubs stand: [label, value] pairs in words. */
export const stands = (group) => group.ordered.map((scrub) => [scrub.axis.label, scrub.valueText(scrub.now)]);
