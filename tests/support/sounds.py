"""What an honest process says of a sound, as the parent has it."""

import json

from anoncam.sources.process.audio_messages import AudioFormat
from tests.support.liars import SOUND

AUDIO_FORMAT = AudioFormat.model_validate_json(json.dumps(SOUND))
