// Reads what is in a Windows image without reading the image: its header, and the XML that the header points to. Only that
// XML is sent. The checks are those of productkeys/domain/image/wim.py; what they say stands in the page.
const HEADER_BYTES = 208;
const MAX_XML_BYTES = 4 * 1024 * 1024;
const PLAIN = "MSWIM\0\0\0";
const PIPABLE = "WLPWM\0\0\0";
const LAYOUTS = [0x00010D00, 0x00000E00];
const SPANNED = 0x8;

// Where to read next, in bytes; `holdsHeader` where a header stands there again. Or the code of a fault: `{ fault }`.
export function nextPlace(bytes, fileSize, atEnd = false) {
  const magic = String.fromCharCode(...bytes.subarray(0, 8));
  if (magic !== PLAIN && magic !== PIPABLE) return { fault: atEnd ? "image_cut_off" : "image_no_wim" };
  if (bytes.length < HEADER_BYTES) return { fault: "image_cut_off" };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const part = view.getUint16(40, true);
  const parts = view.getUint16(42, true);
  const known = view.getUint32(8, true) === HEADER_BYTES && LAYOUTS.includes(view.getUint32(12, true));
  if (!known || part < 1 || part > parts) return { fault: "image_damaged" };
  if (parts > 1 || view.getUint32(16, true) & SPANNED) return { fault: "image_split", part, parts };
  if (magic === PIPABLE && !atEnd) {
    return { offset: Math.max(fileSize - HEADER_BYTES, 0), size: HEADER_BYTES, holdsHeader: true };
  }
  const packed = view.getBigUint64(72, true) & 0xFFFFFFFFFFFFFFn;
  const offset = view.getBigUint64(80, true);
  const size = view.getBigUint64(88, true);
  if (!offset || !size) return { fault: "image_unfinished" };
  if (offset + size > BigInt(fileSize)) return { fault: "image_cut_off" };
  if (size > BigInt(MAX_XML_BYTES) || packed !== size) return { fault: "image_damaged" };
  return { offset: Number(offset), size: Number(size), holdsHeader: false };
}

async function described(file) {
  const read = async (offset, size) => new Uint8Array(await file.slice(offset, offset + size).arrayBuffer());
  let place = nextPlace(await read(0, HEADER_BYTES), file.size);
  if (place.holdsHeader) place = nextPlace(await read(place.offset, place.size), file.size, true);
  return place.fault ? place : { xml: await read(place.offset, place.size) };
}

const drop = document.querySelector("[data-drop]");
if (drop) {
  const form = drop.closest("form");
  const chosen = drop.querySelector("input[type=file]");
  const reading = drop.querySelector("[data-reading]");
  const shown = drop.querySelector("[data-fault]");
  const texts = drop.querySelector("[data-faults]").content;

  const refuse = ({ fault, part, parts }) => {
    const text = texts.querySelector(`[data-code="${fault}"]`).cloneNode(true);
    const words = text.querySelector("span");
    words.textContent = words.textContent.replace("{part}", part).replace("{parts}", parts);
    shown.replaceChildren(text);
    chosen.setAttribute("aria-invalid", "true");
  };

  const take = async (file) => {
    shown.replaceChildren();
    chosen.removeAttribute("aria-invalid");
    reading.hidden = false;
    const found = await described(file).catch(() => ({ fault: "unreadable" }));
    reading.hidden = true;
    if (found.fault) { refuse(found); return; }
    const sent = new DataTransfer();
    sent.items.add(new File([found.xml], "image.xml", { type: "application/xml" }));
    form.elements.xml.files = sent.files;
    form.elements.text.value = "";
    form.submit();
  };

  chosen.addEventListener("change", () => { if (chosen.files.length) take(chosen.files[0]); });
  // A file may fall anywhere on the page: beside the zone, the browser would open it.
  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
  for (const name of ["dragenter", "dragover"]) {
    document.addEventListener(name, (event) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      drop.classList.add("is-over");
    });
  }
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) drop.classList.remove("is-over"); });
  document.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    drop.classList.remove("is-over");
    take(event.dataTransfer.files[0]);
  });
  // Coming back to the page: what was sent before is not sent again with the next text.
  addEventListener("pageshow", () => { form.elements.xml.value = ""; chosen.value = ""; });
  drop.hidden = false;
}
