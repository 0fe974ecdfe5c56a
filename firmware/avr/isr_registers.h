/*
 * r2 to r7 belong to the interrupts: no code compiled for this firmware touches them (-ffixed-r2 ... in CMakeLists.txt,
 * and a test looks through the ELF for libraries that do). An interrupt keeps what it interrupts in them in 3 cycles,
 * where the stack takes 11, and gives it back as fast; interrupts do not nest.
 */
#ifndef JOULESPAN_AVR_ISR_REGISTERS_H
#define JOULESPAN_AVR_ISR_REGISTERS_H

#ifdef __ASSEMBLER__
/* Frees r24, r25, Z and the flags; r3 is free already. */
    .macro isr_save
    in    r2, _SFR_IO_ADDR(SREG)
    movw  r4, r24
    movw  r6, r30
    .endm

    .macro isr_return
    movw  r30, r6
    movw  r24, r4
    out   _SFR_IO_ADDR(SREG), r2
    reti
    .endm
#endif

#endif
