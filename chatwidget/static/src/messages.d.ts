// The messages between kernel and page: made by "make frontend" from the Structs of
// chatwidget.render.display.messages
// chatwidget.lab.grid_messages
// chatwidget.lab.film_messages
// chatwidget.lab.token_messages
// chatwidget.panel.film_state
// chatwidget.panel.state
// chatwidget.panel.tune_state
// chatwidget.panel.messages
// chatwidget.panel.actions
// chatwidget.panel.control_inputs
// chatwidget.panel.control_messages. Do not edit.

export type Action =
  | Ready
  | Leave
  | Ask
  | Stop
  | Edit
  | Regenerate
  | ShowVersion
  | Choose
  | DeleteTurn
  | Undo
  | UseSettings
  | BringBack
  | Compare
  | Approve
  | Deny
  | SetParameter
  | SetSystem
  | SetExtraBody
  | ChooseServer
  | ChooseModel
  | ListModels
  | SavePreset
  | LoadPreset
  | DeletePreset
  | NewConversation
  | SwitchConversation
  | DeleteConversation
  | SetRerun
  | OpenGroup
  | ShowRow
  | ShowRequest
  | ShowTokens
  | AskForTokens
  | ChooseTokens
  | ForkAnswer
  | StartFilm
  | StopFilm
  | DealFilm
  | ShowTune
  | PlanTune
  | RunTune
  | StopTune
  | TellTruth
  | AdoptRequest
  | KeepDraft
  | SetEnterSends;

/** Use the settings of a pasted request; nothing in it is run. */
export interface AdoptRequest {
  type: "AdoptRequest";
  text: string;
}

/** Whether the kernel has taken a question; with a problem, the text stays in the field. */
export interface Answered {
  type: "Answered";
  problem: string;
}

/** A call of a tool that waits for a person's decision. */
export interface ApprovalState {
  approval_id: string;
  turn: string;
  function: string;
}

/** Let a function run that the model asks for. */
export interface Approve {
  type: "Approve";
  approval_id: string;
  always?: boolean;
}

/** Ask a question; what goes along is in the message's buffers. */
export interface Ask {
  type: "Ask";
  text: string;
  attachments?: string[];
}

/** Let questions ask for log probabilities, or not. */
export interface AskForTokens {
  type: "AskForTokens";
  wanted: boolean;
}

/** Tokens, and what is added to the logit of each. */
export interface BiasInput {
  kind: "biases";
  biases: TokenBias[];
  placeholder: string;
}

/** Show an answer at another value of a parameter again, with its settings; nothing is sent. */
export interface BringBack {
  type: "BringBack";
  turn: string;
}

/** One of several things that can be chosen together. */
export interface Check {
  name: string;
  title: string;
  checked: boolean;
}

/** Several things to choose from, of which any number is chosen. */
export interface ChecksInput {
  kind: "checks";
  checks: Check[];
  others: string[];
  empty: string;
  look: boolean;
}

/** A few values, of which one is chosen. */
export interface ChoiceInput {
  kind: "choice";
  options: Option[];
  free: boolean;
  text: string;
  placeholder: string;
}

/** Go on with another of several answers. */
export interface Choose {
  type: "Choose";
  turn: string;
  index: number;
}

/** Ask another model from now on. */
export interface ChooseModel {
  type: "ChooseModel";
  model: string;
}

/** Ask another server from now on, by its profile or its address. */
export interface ChooseServer {
  type: "ChooseServer";
  server: string;
  consent?: boolean;
}

/** Look at the tokens of an older answer. */
export interface ChooseTokens {
  type: "ChooseTokens";
  turn: string;
}

/** Compare an answer with the newest one; with no turn, compare no more. */
export interface Compare {
  type: "Compare";
  turn?: string | null;
}

/** The pinned answer beside the newest one. */
export interface ComparisonState {
  titles: [string, string];
  columns: [string, string];
  summary: string;
}

export type ControlAction =
  | ControlSwitch
  | ControlWrite
  | ControlSet
  | ControlCheck
  | ControlFormat
  | ControlBias
  | ControlBringBack
  | ControlLook
  | ControlHelp;

/** Add an amount to the logit of a token; None leaves that token alone. */
export interface ControlBias {
  type: "ControlBias";
  token: string;
  amount: number | null;
}

/** Show an answer at another value again, with its settings; nothing is sent. */
export interface ControlBringBack {
  type: "ControlBringBack";
  turn: string;
}

/** Choose one of several things, or choose it no longer. */
export interface ControlCheck {
  type: "ControlCheck";
  name: string;
  checked: boolean;
}

/** Ask for a format of the answer. */
export interface ControlFormat {
  type: "ControlFormat";
  format: "text" | "json_object" | "json_schema";
}

/** The handbook's page about a parameter, as safe HTML. */
export interface ControlHandbook {
  type: "ControlHandbook";
  html: string;
}

/** Bring the handbook's page about the parameter. */
export interface ControlHelp {
  type: "ControlHelp";
}

export type ControlInput =
  | SliderInput
  | NumberInput
  | ChoiceInput
  | TextsInput
  | ChecksInput
  | FormatInput
  | BiasInput
  | JsonInput;

/** Look again for what there is to choose from. */
export interface ControlLook {
  type: "ControlLook";
}

/** Send this value; None sends it no longer. */
export interface ControlSet {
  type: "ControlSet";
  value: unknown;
}

/** All that the row of a parameter shows. */
export interface ControlState {
  parameter: ParameterState;
  input: ControlInput;
  starts: boolean;
  default: string;
  range: string;
  ghost: string;
  hint: string;
  unsupported: string;
  problem: string;
  draft: string;
  handbook: string;
}

/** Send the parameter, with what is shown in grey; or send it no longer. */
export interface ControlSwitch {
  type: "ControlSwitch";
  on: boolean;
}

/** What a `ParameterControl` shares with its page; the slider is a reference to its model. */
export interface ControlTraits {
  state: ControlState;
  slider: string | null;
}

/** Send what was written: a number, a text or JSON; nothing sends it no longer. */
export interface ControlWrite {
  type: "ControlWrite";
  text: string;
}

/** A conversation in the list. */
export interface ConversationState {
  name: string;
  title: string;
  turns: number;
  current: boolean;
}

/** Show the film of another noise (``again``), or twenty of them (``stack``). */
export interface DealFilm {
  type: "DealFilm";
  what: string;
}

/** Delete a conversation; `Undo` brings it back. */
export interface DeleteConversation {
  type: "DeleteConversation";
  name: string;
}

/** Forget the settings of a name; `Undo` brings them back. */
export interface DeletePreset {
  type: "DeletePreset";
  name: string;
}

/** Delete a turn and all that answers to it; `Undo` brings them back. */
export interface DeleteTurn {
  type: "DeleteTurn";
  turn: string;
}

/** Tell the model that its call may not run. */
export interface Deny {
  type: "Deny";
  approval_id: string;
}

/** Ask another version of a turn's question. */
export interface Edit {
  type: "Edit";
  turn: string;
  text: string;
}

/** What a page asks for: the film, the one of another noise, or a stack of them. */
export interface FilmAsk {
  type: "ask";
  what: string;
}

/** A value at which the answer changes, and the tokens that change places. */
export interface FilmEdgeState {
  value: number;
  position: number;
  before: FilmTokenState;
  after: FilmTokenState;
}

/** An answer of a film, up to a value; `end` is empty for one that was stopped. */
export interface FilmFrameState {
  high: number;
  text: string;
  end: string;
  doubt: number;
}

/** The film of an answer. */
export interface FilmPageState {
  turn: string;
  parameters: string[];
  plan: string;
  can_start: boolean;
  most: number;
  running: boolean;
  asked: number;
  budget: number;
  progress: string;
  film: FilmState | null;
}

/** A film. */
export interface FilmState {
  type: "film";
  parameter: string;
  low: number;
  high: number;
  seed: number;
  value: number;
  frames: FilmFrameState[];
  edges: FilmEdgeState[];
  notes: string[];
  stack: FilmStripState[];
  can_deal: boolean;
}

/** The edges of a film of another noise, for the stack. */
export interface FilmStripState {
  seed: number;
  edges: number[];
}

/** One of two tokens at an edge: its line, and how likely it is there. */
export interface FilmTokenState {
  text: string;
  level: number;
  slope: number;
  probability: number;
}

/** Let an answer go on with another token, as another version of its turn. */
export interface ForkAnswer {
  type: "ForkAnswer";
  turn: string;
  position: number;
  rank: number;
}

/** The format of the answer, and a schema where there is one. */
export interface FormatInput {
  kind: "format";
  format: FormatName | null;
  schema: string;
  type: string;
}

export type FormatName = "text" | "json_object" | "json_schema" | "type";

/** What changed in the answer that is being written. */
export interface FrameMessage {
  type: "FrameMessage";
  number: number;
  turn: string;
  parts: PartChange[];
}

export type FromGrid =
  | GridReady
  | GridStop
  | GridOpen
  | GridArrange
  | GridPin
  | GridUse
  | GridSample
  | GridThumb
  | GridNote;

export type FromLiveView = LiveReady | LiveStop | LiveDecide;

/** Show the cells that have a text, in an order. */
export interface GridArrange {
  type: "arrange";
  sort: SortName;
  having: string;
}

/** Which cells are shown, in their order, and which of them is pinned. */
export interface GridArranged {
  type: "arranged";
  order: number[];
  pinned: number | null;
}

/** A cell whose answers have changed. */
export interface GridCellState {
  cell: number;
  said: string;
  unseen: string;
  kinds: GridKindState[];
  order: number[];
  others: number;
  failed: number;
}

/** What has become of an action, as a sentence. */
export interface GridDone {
  type: "done";
  sentence: string;
}

/** What changed in a grid; the numbers count up from 1. */
export interface GridFrame {
  type: "frame";
  number: number;
  tails: GridTail[];
  cells: GridCellState[];
  progress: string;
  share: number;
}

/** What does not change in a grid. */
export interface GridHead {
  title: string;
  labels: string[];
  columns: string[];
  rows: string[];
  places: [number, number][];
  acts: boolean;
  uses: boolean;
  scored: boolean;
}

/** Answers that are alike. */
export interface GridKindState {
  count: number;
  pieces?: [string, boolean][];
  thumb: boolean | null;
  partly: boolean;
  noted: boolean;
}

/** Write a note on a kind of answer; an empty one removes it. */
export interface GridNote {
  type: "note";
  cell: number;
  kind: number;
  note: string;
}

/** Show a kind of answer whole. */
export interface GridOpen {
  type: "open";
  cell: number;
  kind: number;
}

/** One kind of answer, whole. */
export interface GridOpened {
  type: "opened";
  cell: number;
  kind: number;
  html: string;
  pinned: string;
  pinned_label: string;
  facts: string;
  note: string;
}

/** Compare all answers with this one; with none, if there is no cell. */
export interface GridPin {
  type: "pin";
  cell: number | null;
  kind?: number;
}

/** A view was drawn, or has missed a frame. */
export interface GridReady {
  type: "ready";
}

/** Ask what a cell asks a few times more. */
export interface GridSample {
  type: "sample";
  cell: number;
}

/** All of a grid, as after the frame of this number. */
export interface GridSnapshot {
  number: number;
  head: GridHead;
  tails: GridTail[];
  cells: GridCellState[];
  progress: string;
  share: number;
  order: number[];
  sort: SortName;
  having: string;
  pinned: number | null;
}

/** What a `GridView` shares with its page. */
export interface GridState {
  snapshot: GridSnapshot;
  running: boolean;
  place: string;
}

/** Nothing more shall be asked. */
export interface GridStop {
  type: "stop";
}

export type GridTail = [number, boolean, string];

/** Judge a kind of answer: up, down, or not at all. */
export interface GridThumb {
  type: "thumb";
  cell: number;
  kind: number;
  thumb: boolean | null;
}

/** Use the setting of a cell from now on. */
export interface GridUse {
  type: "use";
  cell: number;
}

export type GridWidgetMessage = GridFrame | GridArranged | GridOpened | GridDone;

/** A group of parameters that can be opened. */
export interface GroupState {
  name: string;
  title: string;
  parameters: string[];
  open: boolean;
}

/** A field for JSON, which is there once somebody wants to write some. */
export interface JsonInput {
  kind: "json";
  text: string;
  placeholder: string;
}

/** Keep what is written and not asked yet, for a page that is loaded anew. */
export interface KeepDraft {
  type: "KeepDraft";
  text: string;
}

export type Kind =
  | "sent"
  | "heading"
  | "reasoning"
  | "content"
  | "pictures"
  | "refusal"
  | "sources"
  | "tools"
  | "end";

/** A view is gone: its output was cleared, or its page was closed. */
export interface Leave {
  type: "Leave";
  view: string;
}

/** Ask the server which models it has. */
export interface ListModels {
  type: "ListModels";
}

/** Whether the call with this approval id may run: the value of a `Decision`. */
export interface LiveDecide {
  type: "decide";
  approval_id: string;
  decision: "yes" | "no" | "always";
}

/** What changed in a growing answer; the numbers count up from 1. */
export interface LiveFrame {
  type: "frame";
  number: number;
  parts: PartChange[];
}

/** A view was drawn. */
export interface LiveReady {
  type: "ready";
}

/** All of a growing answer, as after the frame of this number. */
export interface LiveSnapshot {
  number: number;
  parts: PartChange[];
}

/** What a `LiveView` shares with its page. */
export interface LiveState {
  snapshot: LiveSnapshot;
  label: string;
  interrupts: boolean;
  running: boolean;
  asks: boolean;
  approval_id: string;
}

/** The answer shall end here. */
export interface LiveStop {
  type: "stop";
}

/** Use the settings of a name; with an empty one, send no parameter. */
export interface LoadPreset {
  type: "LoadPreset";
  name: string;
}

/** A value of a parameter at which the last question was answered. */
export interface Mark {
  turn: string;
  value: number;
  shown: boolean;
}

export type MeasureName = "words" | "contains" | "own";

export type Message = StateMessage | TurnsMessage | FrameMessage | Snapshot | Answered;

/** Begin an empty conversation. */
export interface NewConversation {
  type: "NewConversation";
}

/** A sentence for the person. */
export interface NoticeState {
  sentence: string;
  undo: string;
}

/** A box for a number. */
export interface NumberInput {
  kind: "number";
  die: boolean;
}

/** Open or close a group of parameters. */
export interface OpenGroup {
  type: "OpenGroup";
  name: string;
  open: boolean;
}

/** One of a few values. */
export interface Option {
  value: unknown;
  label: string;
}

/** All that a panel shows but the conversation's turns, which travel one by one. */
export interface PanelState {
  server: ServerState;
  system: string;
  extra_body: string;
  extra_body_problem: string;
  parameters: Record<string, ParameterState>;
  groups: GroupState[];
  rows: string[];
  presets: string[];
  conversations: ConversationState[];
  running: string;
  approval: ApprovalState | null;
  rerun: RerunState;
  notice: NoticeState;
  comparison: ComparisonState | null;
  request: RequestState | null;
  tokens: TokenPageState | null;
  film: FilmPageState | null;
  tune: TunePageState | null;
  prompts: string[];
  draft: string;
  enter_sends: boolean;
  examples: string[];
}

/** A request parameter in one of its three states. */
export interface ParameterState {
  name: string;
  status: ParameterStatus;
  value: unknown;
  text: string;
  default: unknown;
  reason: string;
  minimum: number | null;
  maximum: number | null;
  step: number | null;
  marks: Mark[];
  ghost: unknown;
  help: string;
}

export type ParameterStatus = "unsent" | "sent" | "unsupported";

/** How a part differs from what was shown of it before. */
export interface PartChange {
  part: PartKey;
  start: number;
  settled: string[];
  keep: number;
  add: string;
}

/** Which part of an answer: the reasoning, the text and so on of a choice in a round. */
export interface PartKey {
  round: number;
  choice: number;
  kind: Kind;
}

/** Go on with another of several answers, counted from 0. */
export interface PickChoice {
  type: "pick";
  choice: number;
}

/** What a `Picker` shares with its page. */
export interface PickerState {
  place: string;
  chosen: number;
}

/** Say what a study would take; nothing is sent. */
export interface PlanTune {
  type: "PlanTune";
  form: TuneForm;
}

/** A view was drawn and wants the whole state. */
export interface Ready {
  type: "Ready";
  view: string;
}

/** Ask the question of a turn again. */
export interface Regenerate {
  type: "Regenerate";
  turn: string;
}

/** The next request in other words. */
export interface RequestState {
  magic: string;
  python: string;
  official: string;
  curl: string;
  messages: string;
  problem: string;
  adopted: string;
}

/** Whether a setting that changes asks the last question again. */
export interface RerunState {
  enabled: boolean;
  per_minute: number;
  used: number;
}

/** Ask what of the study is not stored yet. */
export interface RunTune {
  type: "RunTune";
}

/** Keep the settings under a name. */
export interface SavePreset {
  type: "SavePreset";
  name: string;
}

/** How a token looks. */
export interface Scale {
  probabilities: number[];
  shades: string[];
  entropies: number[];
  lines: string[];
  ink: string;
}

/** A sentence: its first token, and the one after its last. */
export interface SentenceState {
  start: number;
  end: number;
}

/** Who is asked. */
export interface ServerState {
  name: string;
  location: string;
  model: string;
  models: string[];
  profiles: string[];
  listing: boolean;
  problem: string;
  unprotected: string;
}

/** Say whether Enter alone sends. */
export interface SetEnterSends {
  type: "SetEnterSends";
  enabled: boolean;
}

/** Change the other fields of the request: a JSON object, or nothing. */
export interface SetExtraBody {
  type: "SetExtraBody";
  text: string;
}

/** Send a parameter with this value; None sends it no longer. */
export interface SetParameter {
  type: "SetParameter";
  name: string;
  value?: unknown;
}

/** Say whether a setting that changes asks again, and how often it may in a minute. */
export interface SetRerun {
  type: "SetRerun";
  enabled: boolean;
  per_minute: number;
}

/** Change the system message. */
export interface SetSystem {
  type: "SetSystem";
  text: string;
}

/** Look at the next request in other words, or look away. */
export interface ShowRequest {
  type: "ShowRequest";
  shown: boolean;
  text?: string;
}

/** Make the control of a parameter, wherever its group stands. */
export interface ShowRow {
  type: "ShowRow";
  name: string;
}

/** Look at the tokens of the newest answer, or look away. */
export interface ShowTokens {
  type: "ShowTokens";
  shown: boolean;
}

/** Look at the study over a parameter, or look away; text is what is written, and not asked. */
export interface ShowTune {
  type: "ShowTune";
  shown: boolean;
  text?: string;
}

/** Show another version of a turn, and what followed it. */
export interface ShowVersion {
  type: "ShowVersion";
  turn: string;
}

/** A slider, which is a widget of its own, and a box for exact numbers. */
export interface SliderInput {
  kind: "slider";
}

/** All that there is to show by now, for a view that was just drawn. */
export interface Snapshot {
  type: "Snapshot";
  number: number;
  state: PanelState;
  order: string[];
  turns: TurnState[];
  growing: PartChange[];
}

export type SortName = "asked" | "same" | "different" | "score";

/** Make the film of an answer along a parameter, with so many requests at most. */
export interface StartFilm {
  type: "StartFilm";
  turn: string;
  parameter: string;
  most?: number;
}

/** The fields of the `PanelState` that changed. */
export interface StateMessage {
  type: "StateMessage";
  number: number;
  fields: Record<string, unknown>;
}

/** Stop the answer that is being written. */
export interface Stop {
  type: "Stop";
}

/** Ask no more for the film; what is there becomes one. */
export interface StopFilm {
  type: "StopFilm";
}

/** Ask no more of the study; what was answered is kept. */
export interface StopTune {
  type: "StopTune";
}

/** Go on in another conversation. */
export interface SwitchConversation {
  type: "SwitchConversation";
  name: string;
}

/** Say what the scores of the study truly are, where that is known. */
export interface TellTruth {
  type: "TellTruth";
}

/** Several texts, each of which can be taken away. */
export interface TextsInput {
  kind: "texts";
  texts: string[];
  placeholder: string;
}

/** An answer whose tokens can be looked at: its turn, and what it is called. */
export interface TokenAnswer {
  turn: string;
  title: string;
}

/** What is added to the logit of a token. */
export interface TokenBias {
  token: string;
  text: string;
  amount: number;
}

/** The tokens of an answer. */
export interface TokenPageState {
  asks: boolean;
  tokens: TokensState | null;
  answers: TokenAnswer[];
  turn: string;
}

/** A token as its view draws it. */
export interface TokenState {
  text: string;
  id: number;
  is_told: boolean;
  ids: number[];
  logprobs: number[];
  floor: number;
}

/** The page has found a view, and wants its tokens. */
export interface TokenViewReady {
  type: "ready";
}

/** What the tools of a token view share with its page: the class of the view. */
export interface TokenViewTraits {
  place: string;
}

/** The tokens of an answer. */
export interface TokensState {
  type: "tokens";
  vocabulary: string[];
  tokens: TokenState[];
  sentences: SentenceState[];
  meaning: string;
  is_raw: boolean;
  asked: Record<string, number>;
  vocabulary_size: number;
  scale: Scale;
}

export type TruthStatus = "unknown" | "offered" | "computing" | "told";

/** A parameter that can be varied, with the range of its slider. */
export interface TuneChoice {
  name: string;
  minimum: number;
  maximum: number;
  step: number;
}

/** A study over one parameter. */
export interface TuneForm {
  prompt: string;
  name: string;
  low: number;
  high: number;
  count: number;
  repeats: number;
  measure: MeasureName;
  wanted: string;
}

/** Equal answers, and how many of them there are. */
export interface TuneKind {
  text: string;
  count: number;
}

/** The Tune tab. */
export interface TunePageState {
  form: TuneForm;
  choices: TuneChoice[];
  brief: string;
  plan: string;
  problem: string;
  status: TuneStatus;
  progress: string;
  done: number;
  calls: number;
  points: TunePoint[];
  varied: string;
  label: string;
  is_rate: boolean;
  conclusion: string[];
  truth: TuneTruth[];
  truth_status: TruthStatus;
  line: string;
  code: string;
}

/** What there is at one value of the parameter. */
export interface TunePoint {
  place: number;
  number: number | null;
  low: number | null;
  high: number | null;
  answers: number;
  kinds: TuneKind[];
  said: string;
}

export type TuneStatus = "idle" | "running" | "ended";

/** The true score at a value of the parameter, and how it was found. */
export interface TuneTruth {
  place: number;
  number: number;
  found: string;
}

/** A turn of the conversation as the page draws it. */
export interface TurnState {
  id: string;
  prompt: string;
  pictures: string[];
  files: string[];
  parts: PartChange[];
  texts: string[];
  chosen: number;
  versions: string[];
  running: boolean;
  notice: string;
  facts: string[];
  why: string[];
  foreign: boolean;
}

/** The turns of the current path. */
export interface TurnsMessage {
  type: "TurnsMessage";
  number: number;
  order: string[];
  turns: TurnState[];
}

/** Take back the last deletion. */
export interface Undo {
  type: "Undo";
}

/** Use the settings that a turn was asked with. */
export interface UseSettings {
  type: "UseSettings";
  turn: string;
}
