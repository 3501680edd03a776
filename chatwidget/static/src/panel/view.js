// The whole panel, put together.

import { disposeAll, element } from "../dom.js";
import { Chooser } from "./chooser.js";
import { Comparison } from "./comparison.js";
import { Composer } from "./composer.js";
import { Conversations } from "./conversations.js";
import { Drawer } from "./drawer.js";
import { newId } from "./ids.js";
import { KernelLink, SENTENCES } from "./kernel_link.js";
import { Notice } from "./notice.js";
import { Presets } from "./presets.js";
import { Request } from "./request.js";
import { Settings } from "./settings.js";
import { Tabs } from "./tabs.js";
import { Tokens } from "./tokens.js";
import { Transcript } from "./transcript.js";
import { Tune } from "./tune.js";

const PATIENCE = 1000; // ms until a kernel that has not said what there is to show counts as busy
const BUSY = "The kernel is busy with a cell: the panel is there as soon as it is free.";

/** The panel in the page. */
export class PanelView {
  header = element("header", "chatwidget-header");
  kernel = element("div", "chatwidget-kernel");
  main = element("div", "chatwidget-main");

  /** @param {import("./context.js").Context} context */
  constructor(context) {
    this.root = context.root;
    this.store = context.store;
    this.settings = new Settings(context);
    this.settings.node.id = newId("settings");
    this.composer = new Composer(context);
    context.asker.onTaken = () => this.showEnd();
    this.transcript = new Transcript(context, (example) => this.composer.ask(example));
    this.comparison = new Comparison(context, (...is) => this.cover(...is));
    this.request = new Request(context, () => this.composer.field.value);
    this.tokens = new Tokens(context);
    this.tune = new Tune(context, () => this.composer.field.value);
    this.composer.onText = () => this.request.onText();
    this.notice = new Notice(context);
    this.chooser = new Chooser(context);
    this.presets = new Presets(context);
    this.conversations = new Conversations(context, () => this.begin());
    this.drawer = new Drawer(this.root, this.settings.node, this.main);
    this.tabs = new Tabs(this.pages(), () => this.drawer.yield());
    this.assemble();
    this.link = new KernelLink(context.model, (link) => this.onLink(link));
    this.showLink();
    const parts = [this.settings, this.composer, this.transcript, this.comparison, this.request];
    const pages = [this.tokens, this.tune];
    const others = [this.notice, this.chooser, this.presets, this.conversations, this.drawer];
    this.dispose = disposeAll([
      this.acceptDrops(),
      this.awaitState(),
      () => this.link.dispose(),
      ...[...parts, ...pages, ...others].map((part) => () => part.dispose()),
    ]);
  }

  /** The pages behind the tabs; what is added here has a tab of its own. */
  pages() {
    const chat = element("div", "chatwidget-chat", this.transcript.node, this.comparison.node);
    /** @param {boolean} isShown */
    const onChat = (isShown) => (this.composer.node.hidden = !isShown);
    /** @param {boolean} isShown */
    const onRequest = (isShown) => this.request.onShow(isShown);
    /** @param {boolean} isShown */
    const onTokens = (isShown) => this.tokens.onShow(isShown);
    /** @param {boolean} isShown */
    const onTune = (isShown) => this.tune.onShow(isShown);
    return [
      { name: "Chat", node: chat, onShow: onChat },
      { name: "Request", node: this.request.node, onShow: onRequest },
      { name: "Tokens", node: this.tokens.node, onShow: onTokens },
      { name: "Tune", node: this.tune.node, onShow: onTune },
    ];
  }

  assemble() {
    const { chooser, conversations, presets, drawer, tabs } = this;
    this.kernel.setAttribute("role", "status");
    this.header.append(drawer.opener, chooser.node, conversations.node, tabs.node, presets.node);
    const pages = element("div", "chatwidget-pages", ...tabs.pages.map(({ node }) => node));
    this.main.append(pages, this.notice.node, this.composer.node);
    const body = element("div", "chatwidget-body", this.settings.node, this.main);
    this.root.append(this.header, this.kernel, body);
  }

  /** What is sent is seen, wherever the person was. */
  showEnd() {
    this.drawer.yield();
    this.comparison.yield();
    this.transcript.toEnd();
    this.tabs.show(0);
  }

  begin() {
    this.showEnd();
    this.composer.field.focus();
  }

  /**
   * The comparison takes the place of the conversation, which stays where it is below.
   *
   * @param {boolean} isCovered
   * @param {boolean} hadFocus
   */
  cover(isCovered, hadFocus) {
    this.transcript.node.toggleAttribute("data-behind", isCovered);
    if (!isCovered && hadFocus) {
      this.transcript.area.focus({ preventScroll: true });
    }
  }

  /** @param {import("./kernel_link.js").Link} link */
  onLink(link) {
    this.showLink();
    if (link === "there") {
      this.store.hello(); // much may have happened meanwhile
    }
  }

  /** Grey out what needs the kernel while there is none, and say so once. */
  showLink() {
    const { link } = this.link;
    const isOff = link !== "there";
    this.kernel.textContent = SENTENCES[link];
    this.root.classList.toggle("chatwidget-off", isOff);
    this.store.isMuted = isOff;
    const inert = [this.settings, this.chooser, this.conversations, this.presets, this.notice];
    inert.forEach(({ node }) => (node.inert = isOff));
    this.composer.asker.settle(null);
    this.composer.turnOff(isOff);
    this.transcript.turnOff(isOff);
  }

  /** Say why nothing is shown yet, if that takes long. */
  awaitState() {
    const { kernel, store } = this;
    const timer = setTimeout(() => {
      kernel.textContent ||= BUSY;
    }, PATIENCE);
    const release = store.watch(["server"], () => {
      clearTimeout(timer);
      kernel.textContent = kernel.textContent === BUSY ? "" : kernel.textContent;
    });
    return () => (clearTimeout(timer), release());
  }

  /** Files may be dropped anywhere on the conversation. */
  acceptDrops() {
    const { main } = this;
    /** @param {DragEvent} event */
    const over = (event) => {
      if (event.dataTransfer?.types.includes("Files")) {
        event.preventDefault();
      }
    };
    /** @param {DragEvent} event */
    const drop = (event) => this.composer.onFiles(event, event.dataTransfer);
    main.addEventListener("dragover", over);
    main.addEventListener("drop", drop);
    return () => {
      main.removeEventListener("dragover", over);
      main.removeEventListener("drop", drop);
    };
  }
}
