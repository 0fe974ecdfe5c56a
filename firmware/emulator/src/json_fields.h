#ifndef EMULATOR_JSON_FIELDS_H
#define EMULATOR_JSON_FIELDS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "failure.h"

typedef enum {
  JSON_NUMBER,         /* double[size]; size 1 is a plain number, else an array of exactly that length */
  JSON_NUMBER_OR_NULL, /* double, NAN for null */
  JSON_FLAG,           /* bool */
  JSON_TEXT,           /* char[size] */
  JSON_CHILD_OBJECT,   /* const cJSON * */
  JSON_CHILD_ARRAY,    /* const cJSON * */
} json_kind_t;

typedef struct {
  const char *key; /* NULL ends a table */
  json_kind_t kind;
  void *target; /* left alone when the key is absent */
  size_t size;
} json_field_t;

/* Reads an object by its table; an unknown key or a wrong type is a failure that names it. NULL object: nothing. */
bool json_read_fields(const cJSON *object, const char *where, const json_field_t *fields, failure_t *failure);

#endif
