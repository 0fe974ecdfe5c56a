#include "json_fields.h"

#include <math.h>
#include <string.h>

static const json_field_t *find_field(const json_field_t *fields, const char *key);
static bool read_value(const cJSON *value, const char *where, const json_field_t *field, failure_t *failure);
static bool read_numbers(const cJSON *value, const char *where, const json_field_t *field, failure_t *failure);
static bool unknown_key(const char *where, const char *key, const json_field_t *fields, failure_t *failure);

bool json_read_fields(const cJSON *object, const char *where, const json_field_t *fields, failure_t *failure) {
  if (!object) return true;
  if (!cJSON_IsObject(object)) return failure_set(failure, "%s expected an object", where);
  const cJSON *value;
  cJSON_ArrayForEach(value, object) {
    const json_field_t *field = find_field(fields, value->string);
    if (!field) return unknown_key(where, value->string, fields, failure);
    if (!read_value(value, where, field, failure)) return false;
  }
  return true;
}

static const json_field_t *find_field(const json_field_t *fields, const char *key) {
  for (; fields->key; fields++)
    if (!strcmp(fields->key, key)) return fields;
  return NULL;
}

static bool read_value(const cJSON *value, const char *where, const json_field_t *field, failure_t *failure) {
  switch (field->kind) {
    case JSON_NUMBER: return read_numbers(value, where, field, failure);
    case JSON_NUMBER_OR_NULL:
      if (cJSON_IsNull(value)) {
        *(double *)field->target = NAN;
        return true;
      }
      return read_numbers(value, where, field, failure);
    case JSON_FLAG:
      if (!cJSON_IsBool(value)) return failure_set(failure, "%s%s: expected true or false", where, field->key);
      *(bool *)field->target = cJSON_IsTrue(value);
      return true;
    case JSON_TEXT:
      if (!cJSON_IsString(value) || strlen(value->valuestring) >= field->size)
        return failure_set(failure, "%s%s: expected text of less than %zu bytes", where, field->key, field->size);
      strcpy(field->target, value->valuestring);
      return true;
    case JSON_CHILD_OBJECT:
      if (!cJSON_IsObject(value)) return failure_set(failure, "%s%s: expected an object", where, field->key);
      *(const cJSON **)field->target = value;
      return true;
    case JSON_CHILD_ARRAY:
      if (!cJSON_IsArray(value)) return failure_set(failure, "%s%s: expected an array", where, field->key);
      *(const cJSON **)field->target = value;
      return true;
  }
  return false;
}

static bool read_numbers(const cJSON *value, const char *where, const json_field_t *field, failure_t *failure) {
  double *target = field->target;
  if (field->size == 1) {
    if (!cJSON_IsNumber(value)) return failure_set(failure, "%s%s: expected a number", where, field->key);
    *target = value->valuedouble;
    return true;
  }
  if (!cJSON_IsArray(value) || (size_t)cJSON_GetArraySize(value) != field->size)
    return failure_set(failure, "%s%s: expected %zu numbers", where, field->key, field->size);
  for (size_t i = 0; i < field->size; i++) {
    const cJSON *item = cJSON_GetArrayItem(value, (int)i);
    if (!cJSON_IsNumber(item)) return failure_set(failure, "%s%s[%zu]: expected a number", where, field->key, i);
    target[i] = item->valuedouble;
  }
  return true;
}

static bool unknown_key(const char *where, const char *key, const json_field_t *fields, failure_t *failure) {
  char known[300] = "";
  for (; fields->key; fields++) {
    if (strlen(known) + strlen(fields->key) + 2 >= sizeof known) break;
    strcat(known, " ");
    strcat(known, fields->key);
  }
  return failure_set(failure, "unknown key \"%s%.60s\", known here:%s", where, key, known);
}
