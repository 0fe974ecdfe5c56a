#include "mcu.h"

#include <simavr/avr_eeprom.h>
#include <simavr/avr_extint.h>
#include <simavr/avr_ioport.h>
#include <simavr/sim_core.h>
#include <simavr/sim_elf.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

DEFINE_FIFO(avr_int_vector_p, avr_int_pending);

/* Datasheet 7.7.1; the jump in the vector table is an instruction of its own. */
enum { INTERRUPT_RESPONSE_CYCLES = 4, WAKE_UP_CYCLES = 4 };

static void log_to_stderr(avr_t *avr, const int level, const char *format, va_list arguments);
static void step(avr_t *avr);
static void serve_interrupts(avr_t *avr);
static void count_response(avr_irq_t *irq, uint32_t running, void *context);
static void after_reset(avr_io_t *port);
static avr_cycle_count_t stop(avr_t *avr, avr_cycle_count_t when, void *context);

bool mcu_open(mcu_t *mcu, const char *elf_path, double f_cpu_hz, failure_t *failure) {
  memset(mcu, 0, sizeof *mcu);
  avr_global_logger_set(log_to_stderr);
  if (access(elf_path, R_OK) != 0) return failure_set(failure, "%s: firmware cannot be read, check the path", elf_path);
  elf_firmware_t firmware = {0};
  if (elf_read_firmware(elf_path, &firmware) != 0 || firmware.flashsize == 0)
    return failure_set(failure, "%s: expected an AVR ELF file with a .text section", elf_path);
  firmware.tracecount = 0; /* a firmware's own wish for a VCD file is not ours to fulfil */

  mcu->avr = avr_make_mcu_by_name("atmega328p");
  if (!mcu->avr) return failure_set(failure, "simavr does not know the atmega328p");
  avr_init(mcu->avr);
  avr_load_firmware(mcu->avr, &firmware);
  mcu->avr->frequency = (uint32_t)f_cpu_hz;
  mcu->avr->custom.data = mcu;
  mcu->avr->run = step;
  mcu->avr->run_cycle_limit = UINT32_MAX;

  mcu->reset_port = (avr_io_t){.kind = "board", .reset = after_reset};
  avr_register_io(mcu->avr, &mcu->reset_port);
  for (int i = 0; i < mcu->avr->interrupts.vector_count; i++)
    avr_irq_register_notify(mcu->avr->interrupts.vector[i]->irq + AVR_INT_IRQ_RUNNING, count_response, mcu);
  return true;
}

void mcu_close(mcu_t *mcu) {
  if (!mcu->avr) return;
  mcu->avr->io_port = mcu->reset_port.next; /* not simavr's to free */
  avr_terminate(mcu->avr);
  free(mcu->avr);
  mcu->avr = NULL;
}

void mcu_on_reset(mcu_t *mcu, mcu_reset_hook_t hook, void *context) {
  mcu->reset_hooks[mcu->reset_hook_count].hook = hook;
  mcu->reset_hooks[mcu->reset_hook_count++].context = context;
}

bool mcu_run_until(mcu_t *mcu, uint64_t cycle, failure_t *failure) {
  avr_t *avr = mcu->avr;
  if (avr->cycle >= cycle) return true;
  mcu->until_cycle = cycle;
  avr_cycle_timer_register(avr, cycle - avr->cycle, stop, mcu); /* ends a batch of instructions in time */
  while (avr->cycle < cycle) {
    int state = avr_run(avr);
    if (state == cpu_Done || state == cpu_Crashed)
      return failure_set(failure, "firmware %s at cycle %llu, pc 0x%04x: it can never go on",
                         state == cpu_Done ? "sleeps with interrupts off" : "crashed", (unsigned long long)avr->cycle,
                         avr->pc);
  }
  avr_cycle_timer_cancel(avr, stop, mcu);
  return true;
}

/* A batch of instructions knows the next timer by the cycles left to it: they pass here too. */
void mcu_halt(mcu_t *mcu, unsigned cycles) {
  avr_t *avr = mcu->avr;
  avr->cycle += cycles;
  avr->run_cycle_count = avr->run_cycle_count > cycles ? avr->run_cycle_count - cycles : 1;
}

void mcu_reset(mcu_t *mcu) {
  avr_reset(mcu->avr);
  avr_regbit_set(mcu->avr, mcu->avr->reset_flags.extrf);
}

void mcu_drive_pin(mcu_t *mcu, char port, int bit, bool level) {
  avr_ioport_external_t driver = {
      .name = (unsigned long)port, .mask = 1UL << bit, .value = (unsigned long)level << bit};
  avr_ioctl(mcu->avr, AVR_IOCTL_IOPORT_SET_EXTERNAL(port), &driver); /* stronger than the pin's own pull-up */
  /* simavr would look at a low INT pin every single cycle, even with the interrupt off: seven times slower */
  for (uint8_t interrupt = 0; interrupt < 2; interrupt++) avr_extint_set_strict_lvl_trig(mcu->avr, interrupt, 0);
  avr_irq_t *pin = avr_io_getirq(mcu->avr, AVR_IOCTL_IOPORT_GETIRQ(port), bit);
  pin->flags |= IRQ_FLAG_INIT; /* also when simavr believes the level is known: a reset cleared the register */
  avr_raise_irq(pin, level);
}

avr_io_t *mcu_find_peripheral(mcu_t *mcu, const char *kind) {
  for (avr_io_t *io = mcu->avr->io_port; io; io = io->next)
    if (!strcmp(io->kind, kind)) return io;
  return NULL;
}

void mcu_hook_write(mcu_t *mcu, avr_io_addr_t address, avr_io_write_t handler, void *context) {
  mcu->avr->io[AVR_DATA_TO_IO(address)].w.c = handler;
  mcu->avr->io[AVR_DATA_TO_IO(address)].w.param = context;
}

void mcu_hook_read(mcu_t *mcu, avr_io_addr_t address, avr_io_read_t handler, void *context) {
  mcu->avr->io[AVR_DATA_TO_IO(address)].r.c = handler;
  mcu->avr->io[AVR_DATA_TO_IO(address)].r.param = context;
}

/* simavr's own clear leaves the vector in the queue, so that raising it again would queue it twice. */
void mcu_withdraw_interrupt(mcu_t *mcu, avr_int_vector_t *vector) {
  avr_t *avr = mcu->avr;
  vector->pending = 0;
  avr_int_pending_t *queue = &avr->interrupts.pending;
  for (int left = avr_int_pending_get_read_size(queue); left > 0; left--) {
    avr_int_vector_t *queued = avr_int_pending_read(queue);
    if (queued != vector) avr_int_pending_write(queue, queued);
  }
  if (avr_int_pending_isempty(queue) && avr->interrupt_state > 0) avr->interrupt_state = 0;
}

void mcu_read_eeprom(mcu_t *mcu, uint8_t bytes[MCU_EEPROM_BYTES]) {
  avr_eeprom_desc_t all = {.ee = bytes, .offset = 0, .size = MCU_EEPROM_BYTES};
  avr_ioctl(mcu->avr, AVR_IOCTL_EEPROM_GET, &all);
}

void mcu_write_eeprom(mcu_t *mcu, const uint8_t bytes[MCU_EEPROM_BYTES]) {
  avr_eeprom_desc_t all = {.ee = (uint8_t *)bytes, .offset = 0, .size = MCU_EEPROM_BYTES};
  avr_ioctl(mcu->avr, AVR_IOCTL_EEPROM_SET, &all);
}

static void log_to_stderr(avr_t *avr, const int level, const char *format, va_list arguments) {
  (void)avr;
  if (level > LOG_ERROR) return;
  fputs("simavr: ", stderr);
  vfprintf(stderr, format, arguments);
}

/* One batch of instructions, or a sleep up to the next timer: simavr's own loop with the corrections of mcu.h. */
static void step(avr_t *avr) {
  mcu_t *mcu = avr->custom.data;
  avr_flashaddr_t next = avr->pc;
  if (avr->state == cpu_Running) next = avr_run_one(avr);
  avr_cycle_count_t idle_cycles = avr_cycle_timer_process(avr);
  avr->pc = next;
  if (avr->state == cpu_Sleeping) {
    mcu->was_sleeping = true;
    if (!avr_int_pending_isempty(&avr->interrupts.pending)) {
      avr->state = cpu_Running;
      if (avr->interrupt_state == -1) serve_interrupts(avr);
    } else if (!avr->sreg[S_I]) {
      avr->state = cpu_Done;
      return;
    } else if (avr->cycle < mcu->until_cycle) { /* an input that is due then may be what wakes it */
      uint64_t left = mcu->until_cycle - avr->cycle;
      avr->cycle += idle_cycles < left ? idle_cycles : left;
    }
  }
  if (avr->interrupt_state) serve_interrupts(avr);
}

/* interrupt_state counts instructions up from -2 after SEI and RETI; simavr serves one instruction late. */
static void serve_interrupts(avr_t *avr) {
  bool last_wait = avr->interrupt_state == -1;
  avr_service_interrupts(avr);
  if (last_wait && avr->interrupt_state > 0) avr_service_interrupts(avr);
}

static void count_response(avr_irq_t *irq, uint32_t running, void *context) {
  (void)irq;
  mcu_t *mcu = context;
  if (!running) return;
  mcu_halt(mcu, INTERRUPT_RESPONSE_CYCLES + (mcu->was_sleeping ? WAKE_UP_CYCLES : 0));
  mcu->was_sleeping = false;
}

static void after_reset(avr_io_t *port) {
  mcu_t *mcu = (mcu_t *)((char *)port - offsetof(mcu_t, reset_port));
  mcu->resets++;
  mcu->was_sleeping = false;
  mcu->avr->run_cycle_limit = UINT32_MAX; /* the reset put it back to single steps */
  for (int i = 0; i < mcu->reset_hook_count; i++) mcu->reset_hooks[i].hook(mcu->reset_hooks[i].context);
}

static avr_cycle_count_t stop(avr_t *avr, avr_cycle_count_t when, void *context) {
  (void)avr;
  (void)when;
  (void)context;
  return 0;
}
