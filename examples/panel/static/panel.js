// The page of the panel. It asks its own back end for nothing but changes: what there is, and what becomes of it, comes
// through alertwrap's notifier, whole, the moment it happens.
const { alertwrap } = document.body.dataset;
const { connectNotices } = await import(`${alertwrap}/elements/v1/notice-elements.js`).catch((error) => {
  document.getElementById("state").textContent = `alertwrap does not answer at ${alertwrap}: reload this page when it does`;
  throw error;
});

const rows = new Map();
const body = document.getElementById("machines");
const problem = document.getElementById("problem");
const VERBS = { running: ["stop", "crash"], stopped: ["start", "delete"], crashed: ["start", "stop", "delete"] };

const getToken = async () => (await (await fetch("/api/notice-token")).json()).token;
const client = connectNotices({ server: alertwrap, getToken });
client.onState(showState);
client.follow("vm", {
  onSnapshot: (items) => {
    rows.forEach((row) => row.remove());
    rows.clear();
    items.forEach(({ key, data }) => show(key, data));
    mark();
  },
  onEvent: ({ key, action, data }) => (action === "deleted" ? forget(key) : show(key, data)),
});

document.getElementById("create").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { name } = event.target.elements;
  if (await act("", { name: name.value.trim() })) event.target.reset();
});

// A click on a notice about a machine shows the machine, without leaving the page.
document.addEventListener("notice-open", showEntity);
document.addEventListener("notice-toast-action", (event) => event.detail.action === "open" && showEntity(event));
addEventListener("hashchange", mark);

function showEntity(event) {
  const { entity } = event.detail.notice;
  if (entity?.topic !== "vm" || !rows.has(entity.key)) return;
  event.preventDefault();
  location.hash = entity.key;
  document.querySelector("notice-bell").hide();
}

function show(key, machine) {
  const row = rows.get(key) ?? add(key);
  row.querySelector(".name").textContent = machine.name;
  const status = row.querySelector(".status");
  status.textContent = machine.status;
  status.dataset.is = machine.status;
  row.querySelector(".system").textContent = machine.system;
  row.querySelector(".size").textContent = `${machine.cpus} CPU, ${machine.memory_gib} GiB`;
  row.querySelector(".address").textContent = machine.address;
  const verbs = VERBS[machine.status] ?? [];
  for (const button of row.querySelectorAll("button")) button.disabled = !verbs.includes(button.value);
}

function add(key) {
  const row = document.getElementById("row").content.cloneNode(true).firstElementChild;
  for (const verb of ["start", "stop", "crash", "delete"]) {
    const button = document.createElement("button");
    button.value = button.textContent = verb;
    button.setAttribute("aria-label", `${verb} ${key}`);
    button.addEventListener("click", () => act(`/${encodeURIComponent(key)}/${verb}`));
    row.querySelector(".verbs").append(button, " ");
  }
  row.dataset.key = key;
  rows.set(key, row);
  const next = [...rows.keys()].sort().find((other) => other > key);
  body.insertBefore(row, next ? rows.get(next) : null);
  empty();
  return row;
}

function forget(key) {
  rows.get(key)?.remove();
  rows.delete(key);
  empty();
}

function empty() {
  document.getElementById("empty").hidden = rows.size > 0;
}

function mark() {
  const key = decodeURIComponent(location.hash.slice(1));
  rows.forEach((row, name) => row.classList.toggle("marked", name === key));
  rows.get(key)?.scrollIntoView({ block: "center" });
}

function showState(state) {
  const words = { live: "", connecting: "connecting…", "signed-out": "signed out" };
  document.getElementById("state").textContent = words[state] ?? "reconnecting…";
}

async function act(path, value) {
  const answer = await fetch(`/api/machines${path}`, { method: "POST", body: JSON.stringify(value ?? {}) }).catch(() => null);
  problem.textContent = answer?.ok ? "" : ((await answer?.json())?.detail ?? "The panel does not answer.");
  return answer?.ok;
}
