/* Every vector in protocol/vectors/command, fed byte by byte to the parser of the core. */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "command_parser.h"
#include "vector_files.h"

static const cJSON *command_expected;
static const cJSON *bad_expected;
static bool in_garbage;

static void check_vector(const struct vector *vector);
static void check_answer(enum command_answer answer, const struct command *command, size_t offset);

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s <protocol/vectors/command>\n", argv[0]);
    return 2;
  }
  CHECK(vector_files_each(argv[1], check_vector) > 0);
  return check_report("command_vectors");
}

static void check_vector(const struct vector *vector) {
  const int failures_before = check_failures();
  command_expected = cJSON_GetObjectItem(vector->expected, "commands")->child;
  bad_expected = cJSON_GetObjectItem(vector->expected, "bad")->child;
  in_garbage = false;
  struct command_parser parser;
  command_parser_init(&parser);
  size_t disposed = 0;
  for (size_t i = 0; i < vector->count; i++) {
    command_parser_push(&parser, (struct received_byte){.byte = vector->bytes[i]});
    struct command command;
    enum command_answer answer;
    while ((answer = command_parser_next(&parser, &command)) != COMMAND_NOT_YET) {
      check_answer(answer, &command, disposed);
      disposed += parser.disposed;
    }
  }
  CHECK(command_expected == NULL);
  CHECK(bad_expected == NULL);
  CHECK_EQ(vector->count - disposed, vector_number(vector->expected, "rest"));
  if (check_failures() > failures_before) fprintf(stderr, "in vector %s\n", vector->name);
}

static void check_answer(enum command_answer answer, const struct command *command, size_t offset) {
  static const char *const reasons[] = {"", "", "garbage", "length", "crc"};
  if (answer == COMMAND_READY) {
    in_garbage = false;
    CHECK(command_expected != NULL);
    if (!command_expected) return;
    uint8_t payload[JS_COMMAND_PAYLOAD_MAX];
    CHECK_EQ(command->code, vector_number(command_expected, "command"));
    CHECK_EQ(command->length, vector_hex(vector_text(command_expected, "payload"), payload, sizeof payload));
    CHECK(memcmp(command->payload, payload, command->length) == 0);
    command_expected = command_expected->next;
    return;
  }
  const bool continues = answer == COMMAND_GARBAGE && in_garbage;
  in_garbage = answer == COMMAND_GARBAGE;
  if (continues) return;
  CHECK(bad_expected != NULL);
  if (!bad_expected) return;
  CHECK_EQ(offset, vector_number(bad_expected, "offset"));
  CHECK(strcmp(reasons[answer], vector_text(bad_expected, "reason")) == 0);
  bad_expected = bad_expected->next;
}
