/* The golden vectors of protocol/vectors: pairs of name.bin and name.json in one folder. */
#ifndef JOULESPAN_VECTOR_FILES_H
#define JOULESPAN_VECTOR_FILES_H

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

struct vector {
  char name[64];
  uint8_t *bytes;
  size_t count;
  cJSON *expected;
};

/* Calls `each` for every vector of the folder; returns how many there were. An unreadable file ends the test. */
int vector_files_each(const char *folder, void (*each)(const struct vector *vector));

/* The unsigned integer in field `name`; ends the test when there is none. */
uint32_t vector_number(const cJSON *object, const char *name);
const char *vector_text(const cJSON *object, const char *name);

/* Bytes of hexadecimal text; returns their number. */
size_t vector_hex(const char *text, uint8_t *bytes, size_t capacity);

#endif
