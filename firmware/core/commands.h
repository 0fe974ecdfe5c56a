/* What each command does, and the frame that answers it. */
#ifndef JOULESPAN_COMMANDS_H
#define JOULESPAN_COMMANDS_H

#include <stdbool.h>
#include <stdint.h>

#include "command_parser.h"
#include "sample_frame.h"

void commands_init(uint8_t reset_cause);

/* The identity frame is the answer now waiting. */
void commands_identify(void);

/* Executes it; only while the answer is free. */
void commands_execute(const struct command *command);

/* Answers a command whose CRC was bad; only while the answer is free. */
void commands_refuse_crc(uint8_t code);

/* Answers a ping that no sample frame will report; only while the answer is free. */
void commands_answer_ping(struct ping_report ping);

/* There is one answer: it is free, or waiting to be sent, or being sent. */
bool commands_answer_is_free(void);

/* Sends the answer if one waits, then does what must come after it; false when none waits. Only on an idle link. */
bool commands_send_answer(void);

/* The link is idle: if the answer was being sent it is free again. */
void commands_release_sent(void);

#endif
