/* Fault plans: the syntax, and byte faults at their rates. */
#include <string.h>

#include "check.h"
#include "fault.h"

static void check_syntax(void);
static void check_windows(void);
static void check_rates(void);

int main(void) {
  check_syntax();
  check_windows();
  check_rates();
  return check_report();
}

static void check_syntax(void) {
  fault_plan_t plan = {0};
  failure_t failure = {""};
  const char *good[] = {"drop:1e-3", "flip:0", "insert:0.01", "reset@1.5", "stall@2:0.3", "unplug@3:1"};
  const char *bad[] = {"drop",      "drop:2",  "drop:-1",        "flip:x",     "reset@",      "reset@-1",
                       "reset@1:2", "stall@2", "unplug@3:0.001", "stall@1:2x", "silence@1:2", ""};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) CHECK(fault_plan_add(&plan, good[i], &failure));
  CHECK(plan.event_count == 3 && plan.drop_rate == 1e-3 && plan.insert_rate == 0.01);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    CHECK(!fault_plan_add(&plan, bad[i], &failure));
    CHECK(strstr(failure.text, bad[i]) != NULL);
  }
  CHECK(fault_plan_add(&plan, "reset@0.5", &failure));
  CHECK(plan.events[0].at_s == 0.5 && plan.events[1].at_s == 1.5); /* sorted */
}

static void check_windows(void) {
  fault_plan_t plan = {0};
  failure_t failure;
  fault_plan_add(&plan, "stall@2:0.5", &failure);
  fault_plan_add(&plan, "unplug@3:1", &failure);
  CHECK(fault_plan_after_stall_s(&plan, 1.9) == 1.9);
  CHECK(fault_plan_after_stall_s(&plan, 2.0) == 2.5);
  CHECK(fault_plan_after_stall_s(&plan, 2.5) == 2.5);
  CHECK(!fault_plan_unplugged(&plan, 2.99) && fault_plan_unplugged(&plan, 3) && !fault_plan_unplugged(&plan, 4));
}

static void check_rates(void) {
  enum { N = 1000000 };
  fault_plan_t plan = {.drop_rate = 1e-3, .flip_rate = 2e-3, .insert_rate = 3e-3};
  draw_t stream = draw_stream(1, "fault.bytes");
  int kinds[4] = {0}, wrong = 0;
  for (int i = 0; i < N; i++) {
    byte_fault_t hit = fault_plan_hit(&plan, &stream, (uint8_t)i);
    kinds[hit.kind]++;
    if (hit.kind == BYTE_PASSED && (hit.count != 1 || hit.bytes[0] != (uint8_t)i)) wrong++;
    if (hit.kind == BYTE_DROPPED && hit.count != 0) wrong++;
    if (hit.kind == BYTE_FLIPPED && (hit.count != 1 || hit.bytes[0] != ((uint8_t)i ^ hit.detail) || !hit.detail))
      wrong++;
    if (hit.kind == BYTE_INSERTED && (hit.count != 2 || hit.bytes[0] != hit.detail || hit.bytes[1] != (uint8_t)i))
      wrong++;
  }
  CHECK(wrong == 0);
  CHECK_NEAR(kinds[BYTE_DROPPED], 1000, 160);
  CHECK_NEAR(kinds[BYTE_FLIPPED], 2000, 230);
  CHECK_NEAR(kinds[BYTE_INSERTED], 3000, 280);
}
