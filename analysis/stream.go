package analysis

import (
	"context"
	"sync"
)

// inFlight is how many items a worker may be ahead of the one that is emitted
// next: most articles cost next to nothing, and those that cost much are far
// apart, so that fewer would leave all workers but one waiting for it.
const inFlight = 128

// Stream runs work over the items that source yields, on as many goroutines as
// workers says, and hands the results to emit in the order of the items. At
// most inFlight items a worker are under way at once. It returns the first error
// of source, emit or ctx; work reports its own in its result.
func Stream[In, Out any](ctx context.Context, workers int, source func(yield func(In) error) error, work func(context.Context, In) Out, emit func(Out) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	type job struct {
		in  In
		out chan Out
	}
	jobs := make(chan job)
	order := make(chan chan Out, inFlight*workers)
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for j := range jobs {
				j.out <- work(ctx, j.in)
			}
		})
	}
	var failure error
	group.Go(func() {
		defer close(order)
		defer close(jobs)
		failure = source(func(in In) error {
			out := make(chan Out, 1)
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case order <- out:
			}
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case jobs <- job{in, out}:
				return nil
			}
		})
	})
	var stopped error
	for out := range order {
		if stopped != nil {
			continue
		}
		select {
		case r := <-out:
			if err := emit(r); err != nil {
				stopped = err
				cancel(err)
			}
		case <-ctx.Done():
			stopped = context.Cause(ctx)
		}
	}
	group.Wait()
	if stopped != nil {
		return stopped
	}
	return failure
}
