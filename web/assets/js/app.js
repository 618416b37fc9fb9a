// What every page loads: htmx with server-sent events, and small modules that each know one thing.
import 'htmx.org';
import 'htmx.org/dist/ext/hx-sse.js';

import './requests.js';
import './theme.js';
import './dialogs.js';
import './answers.js';
import './find.js';
import './lists.js';
import './live.js';
import './draft.js';
import './forms.js';
import './submits.js';
import './keys.js';
import './diagram.js';
import './reorder.js';
import './pins.js';
import './print.js';
import './unfold.js';
import './mentions.js';
