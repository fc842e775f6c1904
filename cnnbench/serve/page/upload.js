"use strict";
const SHOWN = 5; // classes of an image
const at = (id) => document.getElementById(id);
let open = 0;
let done = 0;

function element(kind, name, text = "") {
  const made = document.createElement(kind);
  made.className = name;
  made.textContent = text;
  return made;
}

function percent(share) {
  const rounded = (100 * share).toFixed(1);
  return share < 1 && rounded === "100.0" ? "99.9 %" : share > 0 && rounded === "0.0" ? "<0.1 %" : `${rounded} %`;
}

function picture(file) {
  const image = element("img", "");
  image.alt = `the image ${file.name}`;
  image.onerror = () => image.replaceWith(element("span", "none soft", "no preview"));
  image.src = URL.createObjectURL(file);
  return image;
}

function bars(said) {
  const all = element("div", "bars");
  for (const [name, share] of Object.entries(said.probabilities ?? {}).sort((a, b) => b[1] - a[1]).slice(0, SHOWN)) {
    const line = element("div", "");
    const label = element("span", "", name);
    label.title = name;
    line.append(label, element("span", "", percent(share)));
    const track = element("i", "");
    const bar = element("b", name === said.predicted ? "right" : "");
    bar.style.width = `${100 * share}%`;
    track.append(bar);
    all.append(line, track);
  }
  return all;
}

async function asked(file) {
  const form = new FormData();
  form.append("images", file);
  const token = at("token").value;
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  const answer = await fetch("predict", { method: "POST", body: form, headers });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.detail);
  return told.predictions[0];
}

async function classify(file) {
  const tile = element("div", "tile");
  const head = element("p", "", "…");
  const name = element("span", "file soft", file.name);
  const say = (text) => head.replaceChildren(text, document.createElement("br"), name);
  say("…");
  tile.append(head, picture(file));
  at("tiles").prepend(tile);
  try {
    const said = await asked(file);
    say(said.predicted);
    tile.append(bars(said));
  } catch (error) {
    head.className = "wrong";
    say(error.message);
  }
}

async function classifyAll(files) {
  open += files.length;
  for (const file of files) {
    at("status").textContent = `${done} of ${open} classified`;
    await classify(file);
    done += 1;
  }
  at("status").textContent = `${done} of ${open} classified`;
}

at("files").addEventListener("change", async (event) => {
  const files = [...event.target.files];
  event.target.value = ""; // the same file may be chosen again
  await classifyAll(files);
});
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    document.body.classList.toggle("over", kind === "dragover");
    if (kind === "drop") classifyAll([...event.dataTransfer.files]);
  });
}

fetch("health")
  .then((answer) => answer.json())
  .then((told) => {
    const [height, width, channels] = told.input_shape;
    const colours = channels === 1 ? "grey" : "colour";
    at("model").textContent = told.model;
    at("about").textContent = `${told.classes.length} classes; images are brought to ${height}×${width}, ${colours}.`;
    at("secret").hidden = !told.token;
    document.title = `${told.model}: classify images`;
  })
  .catch(() => { at("about").textContent = "The server does not answer."; });
