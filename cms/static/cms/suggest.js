// Suggestions while one types in a search box: an editable combobox with a list, as in WAI-ARIA 1.2 (list
// autocomplete with manual selection). Without this script the box is a plain one, and the form works.
const WAIT = 150; // ms after the last key

class Suggesting {
  constructor(input) {
    this.input = input;
    this.active = -1;
    this.options = [];
    this.asked = "";
    this.request = null;
    this.timer = 0;

    this.list = document.createElement("ul");
    this.list.id = `${input.id}-suggestions`;
    this.list.className = "suggestions";
    this.list.hidden = true;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", input.dataset.suggestLabel);
    this.status = document.createElement("p");
    this.status.className = "visually-hidden";
    this.status.setAttribute("role", "status");
    input.form.classList.add("suggesting");
    input.form.append(this.list, this.status);

    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", this.list.id);
    input.setAttribute("aria-expanded", "false");

    input.addEventListener("input", (event) => {
      // While characters are being composed the box holds half of a word's pinyin.
      if (!event.isComposing) this.soon();
    });
    input.addEventListener("compositionend", () => this.soon());
    input.addEventListener("keydown", (event) => this.press(event));
    input.addEventListener("blur", () => this.close());
    // The box keeps the focus, or the list would be gone before the click arrives.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.choose(option);
    });
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), WAIT);
  }

  async ask() {
    const typed = this.input.value.trim();
    this.request?.abort();
    if (!typed) {
      this.show([]);
      return;
    }
    this.asked = typed;
    this.request = new AbortController();
    try {
      const address = `${this.input.dataset.suggest}?q=${encodeURIComponent(typed)}`;
      const response = await fetch(address, { signal: this.request.signal });
      const { suggestions } = await response.json();
      if (typed !== this.asked || document.activeElement !== this.input) return;
      this.show(suggestions);
      const { suggestSome, suggestNone } = this.input.dataset;
      this.status.textContent = suggestions.length ? suggestSome.replace("#", suggestions.length) : suggestNone;
    } catch {
      // Aborted by the next letter, or no network: there are just no suggestions.
      if (typed === this.asked) this.close();
    }
  }

  show(suggestions) {
    this.options = suggestions.map((suggestion, at) => {
      const option = document.createElement("li");
      option.id = `${this.list.id}-${at}`;
      option.className = "suggestions__option";
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.url = suggestion.url;
      option.dataset.text = suggestion.text;
      const text = document.createElement("span");
      text.textContent = suggestion.text;
      option.append(text);
      const kind = { everyday: this.input.dataset.suggestEveryday, topic: this.input.dataset.suggestTopic }[
        suggestion.kind
      ];
      if (kind) {
        const said = document.createElement("span");
        said.className = "suggestions__kind";
        said.textContent = kind;
        option.append(" ", said);
      }
      return option;
    });
    this.list.replaceChildren(...this.options);
    this.mark(-1);
    this.list.hidden = !this.options.length;
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
    if (!this.options.length) this.status.textContent = "";
  }

  mark(at) {
    this.options[this.active]?.setAttribute("aria-selected", "false");
    this.active = at;
    const option = this.options[at];
    if (option) {
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      this.input.setAttribute("aria-activedescendant", option.id);
    } else {
      this.input.removeAttribute("aria-activedescendant");
    }
  }

  close() {
    clearTimeout(this.timer);
    this.request?.abort();
    this.asked = "";
    this.show([]);
  }

  choose(option) {
    this.input.value = option.dataset.text;
    this.close();
    location.assign(option.dataset.url);
  }

  press(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    const count = this.options.length;
    switch (event.key) {
      case "ArrowDown":
      case "ArrowUp":
        if (!count) {
          if (event.key === "ArrowDown" && this.input.value.trim()) this.ask();
          else return;
        } else if (event.key === "ArrowDown") {
          this.mark(this.active + 1 < count ? this.active + 1 : event.altKey ? this.active : 0);
        } else {
          this.mark(this.active > 0 ? this.active - 1 : count - 1);
        }
        break;
      case "Home":
      case "End":
        // They belong to the text, as the pattern has it: nothing is marked any more.
        this.mark(-1);
        return;
      case "Enter":
        if (this.active < 0) {
          this.close();
          return;
        }
        this.choose(this.options[this.active]);
        break;
      case "Escape":
        if (count) this.close();
        else this.input.value = "";
        break;
      default:
        return;
    }
    event.preventDefault();
  }
}

for (const input of document.querySelectorAll("input[data-suggest]")) new Suggesting(input);
