import { fusedPipeline } from '@mnist/augment';
import { type HandwritingWarning, type PreparedDigit, prepareDigits } from '@mnist/handwriting';
import ndarray, { type NdArray } from 'ndarray';
import { backends, startBackend } from './backend.js';
import { Committee, type NetsIndex } from './committee.js';
import { DrawingPad } from './drawing-pad.js';
import { readFile, toPixels } from './read-file.js';
import { drawImage, showVote } from './votes-view.js';

const element = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const photo = element<HTMLCanvasElement>('photo');
const video = element<HTMLVideoElement>('video');
const slider = element<HTMLInputElement>('distortion');
const warningTexts: Record<HandwritingWarning, string> = {
  'several-digits': 'Several digits: this is the most prominent one.',
  'low-contrast': 'The ink hardly differs from its paper.',
  'cut-off': 'It runs off the picture.',
  'touching-digits': 'Very wide: perhaps two digits that touch.',
};

let committee: Committee | undefined;
let current: NdArray<Uint8Array> | undefined;
let emptyReason = 'Nothing to read yet.';
/** Votes are asked for one at a time; of those that wait only the newest counts. */
let voting = false;
let voteAgain = false;

const pad = new DrawingPad(element<HTMLCanvasElement>('pad'), element('cursor'), (done) => {
  if (done) lookAtPad();
  else if (!pending && performance.now() > nextLook) {
    pending = true;
    requestAnimationFrame(() => {
      if (pending) lookAtPad();
    });
  }
});
let pending = false;
let nextLook = 0;

/** While a stroke is drawn, looking takes a quarter of the time at most: the pen must follow, and its end be answered at once. */
function lookAtPad(): void {
  pending = false;
  const started = performance.now();
  if (pad.empty) forget('Nothing to read yet.');
  else look(pad.picture, false);
  nextLook = performance.now() + 3 * (performance.now() - started);
}

/** Prepares a picture and has it voted on. */
function look(picture: ImageData, isPhoto: boolean): void {
  let digit: PreparedDigit | undefined;
  let several = false;
  try {
    const { digits, best } = prepareDigits(picture, isPhoto ? {} : { ink: 'dark' });
    digit = digits[best];
    several = digits.length > 1;
  } catch (error) {
    forget((error as Error).message);
    return;
  }
  if (isPhoto) showPhoto(picture, digit);
  if (!digit) {
    forget('No digit found: nothing stands out from the paper as a stroke would.');
    return;
  }
  current = digit.image;
  const warnings: HandwritingWarning[] = several
    ? ['several-digits', ...digit.warnings]
    : [...digit.warnings];
  element('warnings').textContent = warnings.map((warning) => warningTexts[warning]).join(' ');
  void vote();
}

function forget(reason: string): void {
  current = undefined;
  emptyReason = reason;
  element('warnings').textContent = '';
  element<HTMLCanvasElement>('seen').getContext('2d')!.clearRect(0, 0, 28, 28);
  showVote(undefined, reason);
}

function showPhoto(picture: ImageData, digit: PreparedDigit | undefined): void {
  photo.width = picture.width;
  photo.height = picture.height;
  const context = photo.getContext('2d')!;
  context.putImageData(picture, 0, 0);
  if (digit) {
    const { left, top, right, bottom } = digit.box;
    context.strokeStyle = '#1a56c4';
    context.lineWidth = Math.max(2, picture.width / 150);
    context.strokeRect(left, top, right - left, bottom - top);
  }
  photo.hidden = false;
}

async function vote(): Promise<void> {
  if (voting) {
    voteAgain = true;
    return;
  }
  voting = true;
  do {
    voteAgain = false;
    if (!current) break;
    const image = distorted(current, Number(slider.value));
    drawImage(element<HTMLCanvasElement>('seen'), image.data);
    if (!committee || committee.members.length === 0) showVote(undefined, 'The nets are still loading.');
    else showVote(await committee.vote(image));
  } while (voteAgain);
  if (!current) showVote(undefined, emptyReason);
  voting = false;
}

/** The digit as a net might have met it in training; step 0 is the digit itself. */
function distorted(image: NdArray<Uint8Array>, step: number): NdArray<Uint8Array> {
  element('distortion-value').textContent = step === 0 ? 'not at all' : `no. ${step} of 40`;
  if (step === 0) return image;
  const out = ndarray(new Float32Array(784), [28, 28]);
  fusedPipeline()(image, out, { seed: 1, epoch: 0, index: step });
  // The pipeline ends with mean 0 and deviation 1; the darkest pixel is paper.
  const low = Math.min(...out.data);
  const high = Math.max(...out.data);
  return ndarray(
    Uint8Array.from(out.data, (value) => Math.round((255 * (value - low)) / (high - low || 1))),
    [28, 28],
  );
}

async function open(file: Blob | undefined): Promise<void> {
  if (!file) return;
  stopCamera();
  try {
    look(await readFile(file), true);
  } catch (error) {
    forget((error as Error).message);
  }
}

function stopCamera(): void {
  for (const track of (video.srcObject as MediaStream | null)?.getTracks() ?? []) track.stop();
  video.srcObject = null;
  video.hidden = true;
  element('camera').textContent = 'Camera';
}

element('clear').addEventListener('click', () => {
  stopCamera();
  photo.hidden = true;
  pad.clear();
  slider.value = '0';
  forget('Nothing to read yet.');
});
element('undo').addEventListener('click', () => {
  photo.hidden = true;
  pad.undo();
});
element<HTMLInputElement>('file').addEventListener('change', (event) => {
  const input = event.target as HTMLInputElement;
  void open(input.files?.[0]);
  input.value = '';
});
element('camera').addEventListener('click', async () => {
  if (!video.hidden) {
    const picture = toPixels(video, video.videoWidth, video.videoHeight);
    stopCamera();
    look(picture, true);
    return;
  }
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
    video.hidden = false;
    photo.hidden = true;
    await video.play();
    element('camera').textContent = 'Take it';
  } catch {
    forget('No camera to be had: allow it in the browser, or choose a picture.');
  }
});
slider.addEventListener('input', () => void vote());
const drop = element('drop');
for (const kind of ['dragover', 'dragleave', 'drop'])
  addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.toggle('over', kind === 'dragover');
  });
addEventListener('drop', (event) => void open(event.dataTransfer?.files[0]));
addEventListener('paste', (event) => void open(event.clipboardData?.files[0]));

function showMissed(index: NetsIndex): void {
  for (const { index: at, label, pixels } of index.missed) {
    const bytes = Uint8Array.from(atob(pixels), (character) => character.charCodeAt(0));
    const button = document.createElement('button');
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 28;
    drawImage(canvas, bytes);
    button.type = 'button';
    button.title = `Test image ${at}`;
    button.setAttribute('aria-label', `Test image ${at}`);
    button.append(canvas);
    button.addEventListener('click', () => {
      current = ndarray(bytes, [28, 28]);
      element('warnings').textContent = `Test image ${at}; its label is ${label}.`;
      void vote();
      scrollTo({ top: 0 });
    });
    element('missed').append(button);
  }
  element('missed-section').hidden = index.missed.length === 0;
}

/** Code that ran a few times is fast: a stroke is looked at for each net that comes, before anybody writes one. */
function rehearse(): void {
  const picture = new ImageData(140, 140);
  picture.data.fill(255);
  for (let y = 25; y < 115; y++)
    for (let x = 66; x < 74; x++) picture.data.set([17, 17, 17], 4 * (140 * y + x));
  const { digits } = prepareDigits(picture, { ink: 'dark' });
  if (digits[0]) void committee?.vote(digits[0].image);
}

async function start(): Promise<void> {
  showVote(undefined);
  const select = element<HTMLSelectElement>('backend');
  const wanted = new URLSearchParams(location.search).get('backend');
  const backend = await startBackend(wanted);
  for (const [name, text] of Object.entries(backends))
    select.append(new Option(text, name, false, name === backend));
  select.addEventListener('change', () => {
    location.search = `?backend=${select.value}`;
  });
  const response = await fetch('nets/index.json');
  if (!response.ok || !response.headers.get('content-type')?.includes('json'))
    throw new Error("No nets here. Run 'npm run demo' in the repository's root.");
  const index = (await response.json()) as NetsIndex;
  committee = new Committee(index);
  showMissed(index);
  await committee.load((count) => {
    element('status').textContent = `${count} of ${index.nets.length} nets are here`;
    rehearse();
    if (current && !voting) void vote();
  });
  element('status').textContent =
    `${index.nets.length === 1 ? 'One net' : `${index.nets.length} nets`}, ready`;
}

const started = start();
started.catch((error: Error) => {
  element('status').textContent = error.message;
});
if (import.meta.env.PROD && 'serviceWorker' in navigator) keepForOffline().catch(() => {});

/** The worker keeps what passes through it: what came before it was there is asked for once more. */
async function keepForOffline(): Promise<void> {
  await navigator.serviceWorker.register('sw.js');
  await Promise.all([navigator.serviceWorker.ready, started.catch(() => {})]);
  if (!navigator.serviceWorker.controller)
    await new Promise((resolve) =>
      navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }),
    );
  const own = performance
    .getEntriesByType('resource')
    .map(({ name }) => name)
    .filter((name) => name.startsWith(location.origin));
  await Promise.all([...new Set([location.href, ...own])].map((url) => fetch(url)));
  document.body.dataset.offline = 'ready';
}
