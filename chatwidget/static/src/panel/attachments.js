// The files that go along with the next question.

import { button, element } from "../dom.js";
import { withFiles } from "./composer_rules.js";
import { icon } from "./icons.js";

const SHOWN = /^image\/(png|jpeg|gif|webp|avif|bmp)$/;

/** A shelf of files; images are seen. */
export class Attachments {
  /** @param {(problem: string) => void} onChange called with what is wrong with what was added */
  constructor(onChange) {
    this.onChange = onChange;
    /** @type {File[]} */
    this.files = [];
    /** @type {Map<File, string>} */
    this.urls = new Map();
    this.node = element("ul", "chatwidget-shelf");
    this.node.setAttribute("aria-label", "Attachments");
    this.show();
  }

  /** @param {Iterable<File>} added */
  add(added) {
    const { files, problem } = withFiles(this.files, [...added]);
    this.files = files;
    this.show();
    this.onChange(problem);
  }

  /** @param {File} file */
  remove(file) {
    this.files = this.files.filter((other) => other !== file);
    this.show();
    this.onChange("");
  }

  clear() {
    this.files = [];
    this.show();
  }

  show() {
    for (const [file, url] of this.urls) {
      if (!this.files.includes(file)) {
        URL.revokeObjectURL(url);
        this.urls.delete(file);
      }
    }
    this.node.replaceChildren(...this.files.map((file) => this.tag(file)));
    this.node.hidden = !this.files.length;
  }

  /** @param {File} file */
  tag(file) {
    const remove = button("", `Remove ${file.name}`, () => this.remove(file));
    remove.append(icon("close"));
    const tag = element("li", "chatwidget-tag", element("span", "", file.name), remove);
    if (SHOWN.test(file.type)) {
      const image = element("img", "chatwidget-thumbnail");
      image.src = this.url(file);
      image.alt = "";
      tag.prepend(image);
    }
    tag.title = file.name;
    return tag;
  }

  /** @param {File} file */
  url(file) {
    const url = this.urls.get(file) ?? URL.createObjectURL(file);
    this.urls.set(file, url);
    return url;
  }

  dispose() {
    this.clear();
  }
}
