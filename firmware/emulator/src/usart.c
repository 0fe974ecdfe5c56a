#include "usart.h"

#include <stddef.h>

enum { RXC_BIT = 7, TXC_BIT = 6, UDRE_BIT = 5, DOR_BIT = 3, U2X_BIT = 1, MPCM_BIT = 0 };         /* UCSR0A */
enum { RXCIE_BIT = 7, TXCIE_BIT = 6, UDRIE_BIT = 5, RXEN_BIT = 4, TXEN_BIT = 3, UCSZ2_BIT = 2 }; /* UCSR0B */
enum { UPM_SHIFT = 4, USBS_BIT = 3, UCSZ_SHIFT = 1, UCSRC_RESET = 6 };                           /* UCSR0C */
enum { BUFFER_AND_SHIFT_BYTES = 3 }; /* two in the buffer, one in the shift register */

static void write_data(avr_t *avr, avr_io_addr_t address, uint8_t value, void *context);
static uint8_t read_data(avr_t *avr, avr_io_addr_t address, void *context);
static void write_status(avr_t *avr, avr_io_addr_t address, uint8_t value, void *context);
static void write_control(avr_t *avr, avr_io_addr_t address, uint8_t value, void *context);
static void write_baud(avr_t *avr, avr_io_addr_t address, uint8_t value, void *context);
static uint8_t read_plain(avr_t *avr, avr_io_addr_t address, void *context);
static avr_cycle_count_t advance(avr_t *avr, avr_cycle_count_t when, void *context);
static avr_cycle_count_t load_shift_register(usart_t *usart, avr_cycle_count_t when);
static void refresh(usart_t *usart, avr_int_vector_t *vector);
static void after_service(avr_irq_t *irq, uint32_t running, void *context);
static void set_flag(usart_t *usart, int bit, bool level);
static uint64_t bit_cycles(const usart_t *usart);
static unsigned frame_bits(const usart_t *usart);
static void on_reset(void *context);

bool usart_attach(usart_t *usart, mcu_t *mcu, usart_sent_t sent, void *context, failure_t *failure) {
  avr_uart_t *registers = (avr_uart_t *)mcu_find_peripheral(mcu, "uart");
  if (!registers) return failure_set(failure, "simavr: the atmega328p has no uart");
  *usart = (usart_t){.mcu = mcu, .registers = registers, .sent = sent, .context = context};
  registers->io.reset = NULL;
  mcu_hook_write(mcu, registers->r_udr, write_data, usart);
  mcu_hook_read(mcu, registers->r_udr, read_data, usart);
  mcu_hook_write(mcu, registers->r_ucsra, write_status, usart);
  mcu_hook_read(mcu, registers->r_ucsra, read_plain, usart);
  mcu_hook_write(mcu, registers->r_ucsrb, write_control, usart);
  mcu_hook_write(mcu, registers->ubrrl.reg, write_baud, usart);
  avr_irq_register_notify(registers->rxc.irq + AVR_INT_IRQ_RUNNING, after_service, usart);
  avr_irq_register_notify(registers->udrc.irq + AVR_INT_IRQ_RUNNING, after_service, usart);
  mcu_on_reset(mcu, on_reset, usart);
  on_reset(usart);
  return true;
}

uint64_t usart_byte_cycles(const usart_t *usart) {
  return frame_bits(usart) * bit_cycles(usart);
}

uint64_t usart_start_cycles(const usart_t *usart) {
  return bit_cycles(usart) / 2;
}

uint64_t usart_receive_cycles(const usart_t *usart) {
  return usart_byte_cycles(usart) - bit_cycles(usart) / 2;
}

/* A start bit that finds the shift register still full: what waited there is gone (datasheet 20.8.4). */
void usart_receive_start(usart_t *usart) {
  if (usart->received_count < BUFFER_AND_SHIFT_BYTES) return;
  usart->received_count--;
  usart->rx_overruns++;
  set_flag(usart, DOR_BIT, true);
}

void usart_receive(usart_t *usart, uint8_t byte) {
  uint8_t control = usart->mcu->avr->data[usart->registers->r_ucsrb];
  if (!(control >> RXEN_BIT & 1)) {
    usart->rx_while_disabled++;
    return;
  }
  usart->received[usart->received_count++] = byte;
  set_flag(usart, RXC_BIT, true);
  refresh(usart, &usart->registers->rxc);
}

static void write_data(avr_t *avr, avr_io_addr_t address, uint8_t value, void *context) {
  usart_t *usart = context;
  (void)address;
  if (usart->holding_full || !(avr->data[usart->registers->r_ucsrb] >> TXEN_BIT & 1)) {
    usart->udr_violations++;
    return;
  }
  usart->holding = value;
  usart->holding_full = true;
  set_flag(usart, UDRE_BIT, false);
  refresh(usart, &usart->registers->udrc);
  if (usart->phase != USART_IDLE) return;
  /* An idle transmitter takes the byte at the next tick of its free-running bit clock. */
  usart->phase = USART_LOADING;
  uint64_t period = bit_cycles(usart), since = avr->cycle - usart->baud_origin;
  avr_cycle_timer_register(avr, period - since % period, advance, usart);
}

static uint8_t read_data(avr_t *avr, avr_io_addr_t address, void *context) {
  usart_t *usart = context;
  (void)avr;
  (void)address;
  if (usart->received_count == 0) return 0;
  uint8_t byte = usart->received[0];
  usart->received_count--;
  for (int i = 0; i < usart->received_count; i++) usart->received[i] = usart->received[i + 1];
  set_flag(usart, DOR_BIT, false);
  set_flag(usart, RXC_BIT, usart->received_count > 0);
  refresh(usart, &usart->registers->rxc);
  return byte;
}

static void write_status(avr_t *avr, avr_io_addr_t address, uint8_t value, void *context) {
  usart_t *usart = context;
  enum { WRITABLE = 1 << U2X_BIT | 1 << MPCM_BIT };
  uint8_t flags = avr->data[address] & (uint8_t)~WRITABLE;
  if (value >> TXC_BIT & 1) {
    flags &= (uint8_t)~(1 << TXC_BIT);
    mcu_withdraw_interrupt(usart->mcu, &usart->registers->txc);
  }
  avr->data[address] = flags | (value & WRITABLE);
}

static void write_control(avr_t *avr, avr_io_addr_t address, uint8_t value, void *context) {
  usart_t *usart = context;
  avr->data[address] = value;
  if (!(value >> RXEN_BIT & 1)) { /* disabling flushes the buffer */
    usart->received_count = 0;
    set_flag(usart, RXC_BIT, false);
    set_flag(usart, DOR_BIT, false);
  }
  refresh(usart, &usart->registers->rxc);
  refresh(usart, &usart->registers->udrc);
  refresh(usart, &usart->registers->txc);
}

static void write_baud(avr_t *avr, avr_io_addr_t address, uint8_t value, void *context) {
  usart_t *usart = context;
  avr->data[address] = value;
  usart->baud_origin = avr->cycle;
}

static uint8_t read_plain(avr_t *avr, avr_io_addr_t address, void *context) {
  (void)context;
  return avr->data[address];
}

static avr_cycle_count_t advance(avr_t *avr, avr_cycle_count_t when, void *context) {
  (void)avr;
  usart_t *usart = context;
  if (usart->phase == USART_LOADING) return load_shift_register(usart, when);
  usart->sent(usart->context, usart->shifting, when);
  if (usart->holding_full) return load_shift_register(usart, when);
  usart->phase = USART_IDLE;
  avr_raise_interrupt(usart->mcu->avr, &usart->registers->txc);
  return 0;
}

static avr_cycle_count_t load_shift_register(usart_t *usart, avr_cycle_count_t when) {
  usart->shifting = usart->holding;
  usart->holding_full = false;
  usart->phase = USART_SHIFTING;
  set_flag(usart, UDRE_BIT, true);
  refresh(usart, &usart->registers->udrc);
  return when + usart_byte_cycles(usart);
}

/* Pending exactly while flag and enable bit are both set; simavr itself raises on edges only. */
static void refresh(usart_t *usart, avr_int_vector_t *vector) {
  avr_t *avr = usart->mcu->avr;
  bool wanted = avr_regbit_get(avr, vector->raised) && avr_regbit_get(avr, vector->enable);
  if (wanted && !vector->pending) avr_raise_interrupt(avr, vector);
  if (!wanted && vector->pending) mcu_withdraw_interrupt(usart->mcu, vector);
}

/* RXC and UDRE stay up when their interrupt is served: a handler that left work runs again after its RETI. */
static void after_service(avr_irq_t *irq, uint32_t running, void *context) {
  usart_t *usart = context;
  (void)irq;
  if (running) return;
  refresh(usart, &usart->registers->rxc);
  refresh(usart, &usart->registers->udrc);
}

static void set_flag(usart_t *usart, int bit, bool level) {
  uint8_t *status = &usart->mcu->avr->data[usart->registers->r_ucsra];
  *status = (uint8_t)((*status & ~(1 << bit)) | level << bit);
}

static uint64_t bit_cycles(const usart_t *usart) {
  const uint8_t *data = usart->mcu->avr->data;
  uint64_t divider = (data[usart->registers->ubrrl.reg] | (data[usart->registers->ubrrh.reg] & 15u) << 8) + 1u;
  return divider * (data[usart->registers->r_ucsra] >> U2X_BIT & 1 ? 8 : 16);
}

static unsigned frame_bits(const usart_t *usart) {
  const uint8_t *data = usart->mcu->avr->data;
  uint8_t format = data[usart->registers->r_ucsrc];
  unsigned size = (format >> UCSZ_SHIFT & 3u) | (data[usart->registers->r_ucsrb] >> UCSZ2_BIT & 1u) << 2;
  unsigned data_bits = size == 7 ? 9 : 5 + (size & 3u);
  unsigned parity_bits = (format >> UPM_SHIFT & 3u) >= 2;
  unsigned stop_bits = 1 + (format >> USBS_BIT & 1u);
  return 1 + data_bits + parity_bits + stop_bits;
}

static void on_reset(void *context) {
  usart_t *usart = context;
  uint8_t *data = usart->mcu->avr->data;
  data[usart->registers->r_ucsra] = 1 << UDRE_BIT;
  data[usart->registers->r_ucsrb] = 0; /* simavr's debugging aid leaves TXEN set */
  data[usart->registers->r_ucsrc] = UCSRC_RESET;
  usart->phase = USART_IDLE; /* simavr has dropped all timers */
  usart->holding_full = false;
  usart->received_count = 0;
  usart->baud_origin = usart->mcu->avr->cycle;
}
