"""English, word for word, for a recogniser to expect: plain commands, and answers to our questions."""

from typing import Final


def _sayings(text: str) -> tuple[str, ...]:
    return tuple(" ".join(each.split()) for each in text.split(","))


COMMANDS: Final = _sayings(
    """
stop, stop it, stop that, stop there, stop talking, stop speaking, stop reading, stop now, please stop, quiet, be
quiet, silent, be silent, silence, hush, shut up, enough, that's enough, that will do, no more, wait, wait a moment,
wait a minute, wait a second, wait there, hold on, hold on a second, hang on, pause, one moment, just a moment, one
second, just a second, a moment, give me a moment, give me a minute, go on, go ahead, continue, carry on, keep going,
keep talking, keep reading, resume, you can go on, you can continue, finish your sentence, i'm back, go on reading,
continue reading, repeat, repeat that, repeat it, say that again, say it again, say again, again, once more, one more
time, say that once more, say that one more time, repeat the answer, repeat your answer, repeat your last answer,
repeat the last answer, pardon, what did you say, what was that, come again, tell me again, i didn't catch that, i
didn't hear that, i didn't understand that, sorry what did you say, what was your answer, repeat the last sentence,
repeat your last sentence, say the last sentence again, read the last sentence again, repeat the last words, what did
i say, what did i just say, repeat my question, repeat what i said, what was my question, what did you hear, what did
you understand, slower, slow down, speak slower, speak more slowly, speak slowly, talk slower, talk more slowly, a bit
slower, a little slower, read slower, much slower, too fast, that's too fast, you're too fast, not so fast, read more
slowly, faster, speak faster, talk faster, speed up, a bit faster, a little faster, read faster, much faster, quicker,
too slow, that's too slow, you're too slow, not so slow, normal speed, speak at normal speed, speak normally, back to
normal, back to normal speed, go back to normal speed, louder, speak louder, talk louder, speak up, a bit louder, a
little louder, much louder, volume up, turn it up, turn up the volume, turn the volume up, too quiet, you're too
quiet, that's too quiet, i can't hear you, make it louder, quieter, speak quieter, speak more quietly, speak quietly,
talk quieter, softer, speak softer, a bit quieter, a little quieter, much quieter, volume down, turn it down, turn
down the volume, turn the volume down, too loud, you're too loud, that's too loud, not so loud, lower the volume,
lower your volume, keep your voice down, normal volume, back to normal volume, reset the volume, higher, speak higher,
a higher voice, raise your voice, raise the pitch, raise your pitch, lower, speak lower, a lower voice, a deeper
voice, lower your pitch, lower the pitch, normal pitch, normal voice, spell that, spell it, spell that out, how do you
spell that, how is that spelled, letter by letter, be brief, be briefer, short answers, shorter answers, give me short
answers, keep it short, make it short, shorter, answer briefly, you talk too much, get to the point, less detail, say
more, more detail, more details, longer answers, be more detailed, give me more detail, give me longer answers, answer
in full, normal answers, normal length, no signals, signals off, signals on, turn the signals off, turn off the
signals, turn on the signals, turn the signals on, louder signals, quieter signals, no beeps, beeps off, beeps on,
stop beeping, turn the beeps off, turn the beeps on, new conversation, start a new conversation, begin a new
conversation, a new conversation, open a new conversation, new chat, start a new chat, start over, new topic, which
conversation is this, what conversation is this, what is this conversation called, what is this conversation about,
where am i, go back to the last conversation, go back to my last conversation, open the last conversation, open my
last conversation, open the previous conversation, back to the last conversation, read my last conversation, read the
last conversation, read me my last conversation, read this conversation, read the conversation, read the previous
conversation, list my conversations, show my conversations, show me my conversations, which conversations are there,
my conversations, open the first one, open the second one, open the third one, open the fourth one, open the fifth
one, the first one, the second one, the third one, the fourth one, the fifth one, number one, number two, number
three, number four, number five, take the first one, take the second one, take the third one, read the first one, read
the second one, read the third one, delete the first one, delete the second one, delete the third one, next, next one,
the next one, next please, next page, next part, go to the next one, more, read more, skip, skip this, skip it, what's
next, previous, the previous one, go back, back, one back, the one before, the last one, rename this conversation,
rename the conversation, delete this conversation, delete the conversation, delete my last conversation, delete the
last conversation, delete this chat, forget this conversation, mute, mute me, mute the microphone, mute my microphone,
turn off the microphone, turn the microphone off, microphone off, switch off the microphone, stop listening, don't
listen, stop listening to me, sleep, go to sleep, sleep now, go to sleep now, sleep mode, fall asleep, stand by, take
a nap, what went wrong, what happened, what's wrong, what is wrong, what was the problem, what's the problem, why
didn't that work, why did that fail, why can't you hear me, which engines are you using, which engine are you using,
what engines are you using, which model are you using, which model do you use, list the engines, which voices do you
have, what voices do you have, which voices are there, list the voices, which voices, change your voice, change the
voice, another voice, use another voice, a different voice, undo, undo that, undo it, undo this, undo the last change,
take that back, change it back, that was a mistake, i didn't mean that, not what i wanted, that's not what i wanted,
not what i meant, help, help me, help please, what can i say, what can i do, what can you do, what can i ask, what are
the commands, list the commands, i need help, how do i use you, help with conversations, help with the voice, help
with voices, help with listening, help with memory, help with talking, help with the microphone, don't speak, don't
talk, switch to text, text only, answer in writing, silent mode, text mode, switch to voice, switch to speech, voice
mode, speak again, talk again, start speaking, you can speak again, speak to me again, i'd rather type, i want to
type, typing mode, wake word on, wake word off, turn on the wake word, turn off the wake word, turn the wake word on,
turn the wake word off, use a wake word, no wake word, what is the wake word, what's the wake word, what is your wake
word, what's your wake word, use the wake word alexa, use the wake word hey jarvis, use alexa, hands free, hands free
on, hands free off, turn on hands free, turn off hands free, hands free mode, go hands free, listen all the time,
always listen, off the record, go off the record, on the record, private mode, take notes again, take your time, give
me more time, be patient, be more patient, be very patient, very patient, don't rush me, don't interrupt me, let me
finish, be less patient, answer sooner, don't wait so long, unhurried, be unhurried, normal patience, be brisk, answer
right away, wait longer, wait a bit longer, i'll say over when i'm done, i'll say over, i say when i'm done, wait
until i say over, read back what you heard, confirm what you heard, stop reading back, read back off, read back on,
don't read back what i say, speak english, speak french, speak german, speak spanish, switch to english, switch to
french, switch to german, switch to spanish, in english, in french, in german, in spanish, never mind, forget it,
forget about it, models, what time is it, what's the time, tell me the time, what day is it, what day is it today,
what's the date, what is the date, what date is it, forget that, forget what i just said, don't remember that, scratch
that, leave it, i say over, the next voice
"""
)
ANSWERS: Final = _sayings(
    """
yes, yeah, yep, yes please, yes that's right, that's right, right, correct, that's correct, okay, sure, of course, yes
do it, yes i'm sure, i'm sure, exactly, no, nope, no thanks, no thank you, no that's wrong, that's wrong, wrong,
that's not right, not right, cancel, it's fine, that's fine, fine, it's good, that's good, good, perfect, keep it,
keep this one, keep this voice, next question, go back one, the same, as usual, a long time, longer, a little longer,
over, always, all the time, wake word, another, another one, something else, one, two, three, four, five
"""
)
"""To a question with yes or no, to which of several, and to those of the welcome."""
PLAINLY: Final = (*COMMANDS, *ANSWERS)
