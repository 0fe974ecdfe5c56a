#include "vector_files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint8_t *read_file(const char *folder, const char *name, const char *extension, size_t *count);

int vector_files_each(const char *folder, void (*each)(const struct vector *vector)) {
  DIR *directory = opendir(folder);
  if (!directory) {
    fprintf(stderr, "expected a folder of vectors at %s\n", folder);
    exit(1);
  }
  int vectors = 0;
  for (struct dirent *entry; (entry = readdir(directory));) {
    struct vector vector = {0};
    const char *dot = strrchr(entry->d_name, '.');
    if (!dot || strcmp(dot, ".bin") != 0 || (size_t)(dot - entry->d_name) >= sizeof vector.name) continue;
    memcpy(vector.name, entry->d_name, (size_t)(dot - entry->d_name));
    vector.bytes = read_file(folder, vector.name, "bin", &vector.count);
    size_t json_count;
    char *json = (char *)read_file(folder, vector.name, "json", &json_count);
    vector.expected = cJSON_ParseWithLength(json, json_count);
    if (!vector.expected) {
      fprintf(stderr, "expected JSON in %s/%s.json\n", folder, vector.name);
      exit(1);
    }
    each(&vector);
    vectors++;
    cJSON_Delete(vector.expected);
    free(json);
    free(vector.bytes);
  }
  closedir(directory);
  return vectors;
}

uint32_t vector_number(const cJSON *object, const char *name) {
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
  if (!cJSON_IsNumber(item)) {
    fprintf(stderr, "expected a number in field %s of a vector\n", name);
    exit(1);
  }
  return (uint32_t)item->valuedouble;
}

const char *vector_text(const cJSON *object, const char *name) {
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
  if (!cJSON_IsString(item)) {
    fprintf(stderr, "expected a text in field %s of a vector\n", name);
    exit(1);
  }
  return item->valuestring;
}

size_t vector_hex(const char *text, uint8_t *bytes, size_t capacity) {
  const size_t count = strlen(text) / 2;
  for (size_t i = 0; i < count && i < capacity; i++) {
    unsigned byte = 0;
    sscanf(text + 2 * i, "%2x", &byte);
    bytes[i] = (uint8_t)byte;
  }
  return count;
}

static uint8_t *read_file(const char *folder, const char *name, const char *extension, size_t *count) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s.%s", folder, name, extension);
  FILE *file = fopen(path, "rb");
  uint8_t *bytes = malloc(1 << 16);
  if (!file || !bytes) {
    fprintf(stderr, "could not read %s\n", path);
    exit(1);
  }
  *count = fread(bytes, 1, 1 << 16, file);
  fclose(file);
  return bytes;
}
